"""The background half of `up`: a detached process that runs the stack and tells its starter how it goes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from waypost_dev.errors import DevError, tail
from waypost_dev.process import POLL
from waypost_dev.stack import Stack
from waypost_dev.state import BACKGROUND, FOREGROUND, HomeLock, Record, reap

DOWN_SECONDS = 120.0


class Reports:
    """Lines of JSON to whoever ran `up`; once that one has gone, to the log alone."""

    def __init__(self, fd: int) -> None:
        self._fd: int | None = fd

    def send(self, **message: Any) -> None:
        print(time.strftime("%Y-%m-%d %H:%M:%S"), *message.values(), flush=True)
        if self._fd is None:
            return
        try:
            os.write(self._fd, (json.dumps(message) + "\n").encode())
        except BrokenPipeError:
            self.close()

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


async def run_until(stack: Stack, told: asyncio.Event, reports: Reports) -> None:
    """Start, report, wait to be told to stop, stop. A signal during the start ends it cleanly too."""
    starting = asyncio.create_task(stack.start())
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if starting.done():
            await starting
            reports.send(ready=stack.url)
            reports.close()
            await waiting
        else:
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
    finally:
        waiting.cancel()
        await stack.stop()


def catch_signals() -> asyncio.Event:
    """An event that Ctrl-C and SIGTERM set, instead of tearing through whatever runs."""
    told = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, told.set)
    return told


async def serve(home: Path, fd: int) -> int:
    """Body of the background process."""
    os.set_inheritable(fd, False)
    reports = Reports(fd)
    stack = Stack(home, supervise=True, kind=BACKGROUND, say=lambda text: reports.send(progress=text))
    try:
        await run_until(stack, catch_signals(), reports)
    except DevError as error:
        reports.send(error=error.what, cure=error.cure)
        return 1
    return 0


def launch(home: Path) -> Iterator[dict[str, str]]:
    """Start the background process; yields its reports until it is ready or has failed. Closing the iterator early
    (Ctrl-C) takes the process down again."""
    log = home / "logs" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    reading, writing = os.pipe()
    argv = [sys.executable, "-m", "waypost_dev", "--home", str(home), "serve", str(writing)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, pass_fds=[writing], start_new_session=True
        )
    os.close(writing)
    try:
        with os.fdopen(reading) as lines:
            for line in lines:
                message: dict[str, str] = json.loads(line)
                yield message
                if "ready" in message or "error" in message:
                    process.returncode = 0  # it lives on without us: no warning about an unwaited child
                    return
    except (KeyboardInterrupt, GeneratorExit):
        process.terminate()
        process.wait(timeout=DOWN_SECONDS)
        raise
    raise DevError(f"the supervisor ended without a word:\n{tail(log)}", f"see {log}")


def bring_down(home: Path) -> bool:
    """Stop the background stack and whatever a killed one left. False when there was nothing to stop."""
    lock = HomeLock(home)
    holder = lock.holder()
    if holder is None:
        lock.acquire(FOREGROUND)
        try:
            return bool(reap(Record(home)))
        finally:
            lock.release()
    if holder.kind != BACKGROUND:
        raise DevError(
            f"the stack in {home} is run by another program (pid {holder.pid})",
            "end it with Ctrl-C in its terminal",
        )
    os.kill(holder.pid, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while lock.holder() == holder:
        if time.monotonic() > deadline:
            raise DevError(
                f"the supervisor (pid {holder.pid}) did not stop within {DOWN_SECONDS:.0f} s",
                f"see {home / 'logs' / 'supervisor.log'}; `kill -9 {holder.pid}`, then `make down` again",
            )
        time.sleep(5 * POLL)
    return True
