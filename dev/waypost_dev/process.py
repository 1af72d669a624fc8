"""One child process: started in its own group, tied to our life, stopped without leaving anything behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from waypost_dev.proctable import identify, send, signal_tree

POLL = 0.02
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class User:
    """The account a child runs under."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Command:
    """How to start a process and how it likes to be asked to leave."""

    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    user: User | None = None
    cwd: Path = field(default_factory=Path.cwd)
    farewell: signal.Signals = signal.SIGTERM


def _die_with(parent: int, signum: int) -> Callable[[], None] | None:
    """Ask Linux to signal the child when its parent dies, even by SIGKILL. Runs between fork and exec, after the
    change of user (which would clear it)."""
    if _libc is None:
        return None
    prctl = _libc.prctl

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


async def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll until `done()` or the deadline; True when it came true."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL)
    return True


class Child:
    """A running process. Start it from a thread that lives as long as it should: Linux ties it to that thread."""

    def __init__(self, command: Command) -> None:
        self.command = command
        command.log.parent.mkdir(parents=True, exist_ok=True)
        user = command.user
        with command.log.open("ab") as log:
            self._popen = subprocess.Popen(
                command.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=command.env,
                cwd=command.cwd,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                process_group=0,
                preexec_fn=_die_with(os.getpid(), command.farewell),
            )
        self.pid = self._popen.pid
        self.started_at = time.time()

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        return self._popen.poll()

    async def stop(self, farewell: signal.Signals | None = None, grace: float = 20.0) -> bool:
        """Ask, wait, insist. True when the process left by itself. Safe to call again, and on a paused process."""
        if not self.running:
            return True
        send([self.pid], farewell or self.command.farewell)
        self.resume()
        if await wait_until(lambda: not self.running, grace):
            return True
        self.kill()
        return False

    def kill(self) -> None:
        """SIGKILL to the process and all its descendants, and wait until the kernel has let go of each."""
        if not self.running:
            return
        tree = signal_tree(self.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait(timeout=30)
        deadline = time.monotonic() + 10
        while any(identify(pid) for pid in tree) and time.monotonic() < deadline:
            time.sleep(POLL)

    def pause(self) -> None:
        if self.running:
            signal_tree(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        if self.running:
            signal_tree(self.pid, signal.SIGCONT)
