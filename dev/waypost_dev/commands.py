"""The verbs of the command line. Each returns an exit code; expected failures are raised as DevError."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from waypost_dev import names, supervisor
from waypost_dev.errors import DevError
from waypost_dev.observing import live
from waypost_dev.observing.words import language
from waypost_dev.readiness import is_ready
from waypost_dev.stack import Stack
from waypost_dev.state import BACKGROUND, FOREGROUND, Entry, HomeLock, Record, reap

_STYLE = {"ready": "green", "down": "red", "not ready": "yellow"}


def up(home: Path) -> int:
    """Start in the background and wait until ready."""
    holder = HomeLock(home).holder()
    if holder and holder.kind == BACKGROUND and Record(home).phase() == "ready":
        print("already up")
        _where(home, Stack.attach(home).url)
        return 0
    if holder:
        HomeLock(home).acquire(FOREGROUND)  # fails, and says who holds it
    began = time.monotonic()
    for report in supervisor.launch(home):
        if "progress" in report:
            print(f"  {report['progress']}", flush=True)
        elif "error" in report:
            raise DevError(report["error"], report.get("cure", ""))
        else:
            print(f"up after {time.monotonic() - began:.0f} s")
            _where(home, report["ready"])
    return 0


def down(home: Path) -> int:
    """Stop in good order."""
    print("down" if supervisor.bring_down(home) else "nothing was running")
    return 0


def status(home: Path) -> int:
    """Show the processes; exit code 0 only when all are ready."""
    record, holder = Record(home), HomeLock(home).holder()
    entries = record.entries()
    if not holder and not any(entry.alive() for entry in entries):
        print("down")
        return 3
    states = asyncio.run(_probe(entries))
    table = Table(title=f"{home}: {record.phase() if holder else 'left behind; `make down` tidies up'}")
    for column in ("name", "state", "pid", "port", "uptime", "restarts"):
        table.add_column(column, justify="right" if column in ("pid", "port", "restarts") else "left")
    for entry, state in zip(entries, states, strict=True):
        alive = state != "down"
        table.add_row(
            entry.name,
            f"[{_STYLE[state]}]{state}",
            str(entry.pid) if alive else "-",
            str(entry.port),
            _span(time.time() - entry.started_at) if alive else "-",
            str(entry.restarts),
        )
    Console().print(table)
    return 0 if all(state == "ready" for state in states) else 1


def observe(home: Path, *, once: bool, lang: str | None) -> int:
    """Show what the metrics of the running platform say."""
    asyncio.run(live.observe(home, once=once, lang=language(lang, dict(os.environ))))
    return 0


def logs(home: Path, name: str | None, follow: bool) -> int:
    """Show one log, or all of them."""
    folder = home / "logs"
    files = [folder / f"{name}.log"] if name else sorted(folder.glob("*.log"))
    missing = [file for file in files if not file.exists()]
    if missing or not files:
        known = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or "none yet"
        raise DevError(f"there is no log {missing[0] if missing else folder}", f"logs are: {known}")
    if not shutil.which("tail"):
        raise DevError("the tool `tail` is missing", f"read the files in {folder}")
    argv = ["tail", "-n", "50", *(["-F"] if follow else []), *map(str, files)]
    os.execvp("tail", argv)


def reset(home: Path) -> int:
    """Stop, and remove all state of this checkout."""
    supervisor.bring_down(home)
    lock = HomeLock(home)
    lock.acquire(FOREGROUND)
    try:
        reap(Record(home))
        stack = Stack(home)
        external = [name for name in names.ENGINES if stack.engines.is_external(name)]
        stack.erase()
        for entry in home.iterdir():
            if entry.name == "lock":
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    finally:
        lock.release()
    print(f"removed the state in {home}")
    if external:
        print(f"the external {' and '.join(external)} kept what it holds")
    return 0


def demo(home: Path, *, stay: bool) -> int:
    """Play the demo on the running platform, or on one of its own that then runs on until Ctrl-C (`stay`)."""
    try:
        asyncio.run(_play(home, stay))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped")
    return 0


async def _play(home: Path, stay: bool) -> None:
    """Ctrl-C and SIGTERM cancel this task; leaving the `async with` then stops everything in order."""
    # Only here: the other verbs start without the demo's libraries.
    from waypost_dev.demo import run

    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    holder = HomeLock(home).holder()
    if holder and holder.kind == BACKGROUND:
        await run(Stack.attach(home))
        return
    say = lambda text: print(f"  {text}", flush=True)  # noqa: E731
    async with Stack(home, supervise=True, say=say) as stack:
        await run(stack, stopping=not stay)
        if stay:
            print("\nCtrl-C stops it all; `make up` starts it again in the background.", flush=True)
            await asyncio.Event().wait()


async def _probe(entries: list[Entry]) -> list[str]:
    async def one(entry: Entry) -> str:
        if not entry.alive():
            return "down"
        return "ready" if await is_ready(entry.name, entry.port) else "not ready"

    return list(await asyncio.gather(*map(one, entries)))


def _where(home: Path, url: str) -> None:
    print(f"  API       {url}")
    print(f"  keys      {home / 'env'}   (set -a; . {home / 'env'})")
    print("  next      make status · make logs · make down")


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m" if hours else f"{minutes}m {rest:02d}s"
