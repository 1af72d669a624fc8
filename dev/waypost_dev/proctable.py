"""What the operating system knows about processes: /proc where it exists, ps elsewhere.

A pid alone names nobody, since it is reused. `Identity` adds the start time and the command line, so that a
recorded process can be told from a stranger that inherited its number.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_HAS_PROC = (_PROC / "self" / "stat").exists()


@dataclass(frozen=True)
class Identity:
    pid: int
    started: str
    command: str


def _stat_fields(pid: int) -> list[str] | None:
    """Fields of /proc/<pid>/stat after the name, which may itself hold blanks and brackets."""
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return None


def _ps(pid: int, column: str) -> str:
    done = subprocess.run(
        ["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def identify(pid: int) -> Identity | None:
    """Who runs under this pid now; None when nobody does. A zombie counts as nobody."""
    if not _HAS_PROC:
        started, state = _ps(pid, "lstart"), _ps(pid, "stat")
        return Identity(pid, started, _ps(pid, "command")) if started and not state.startswith("Z") else None
    fields = _stat_fields(pid)
    if fields is None or fields[0] in "ZX":
        return None
    try:
        command = (
            (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        )
    except OSError:
        return None
    return Identity(pid, fields[19], command)


def pid_taken(pid: int) -> bool:
    """Whether the kernel still has an entry under this number, be it only a zombie's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _parents() -> dict[int, int]:
    if not _HAS_PROC:
        done = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False)
        return {int(pid): int(ppid) for pid, ppid in (line.split() for line in done.stdout.splitlines())}
    table: dict[int, int] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat_fields(int(entry.name))):
            table[int(entry.name)] = int(fields[1])
    return table


def descendants(pid: int) -> list[int]:
    """Children, grandchildren and so on, nearest first. Needed because PostgreSQL's backends leave the group."""
    parents = _parents()
    found, frontier = [], {pid}
    while frontier:
        frontier = {child for child, parent in parents.items() if parent in frontier}
        found.extend(sorted(frontier))
    return found


def send(pids: Iterable[int], signum: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)


def signal_tree(pid: int, signum: int) -> list[int]:
    """Signal a whole tree. The root is stopped first, so that it cannot fork away from the list being made."""
    send([pid], signal.SIGSTOP)
    tree = [pid, *descendants(pid)]
    if signum != signal.SIGSTOP:
        send(reversed(tree), signum)
    else:
        send(tree[1:], signum)
    return tree
