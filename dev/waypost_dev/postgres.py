"""PostgreSQL as our own child process, so that killing it in a test is a real crash and nothing outlives us."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import asyncpg

from waypost_dev.errors import EngineError, tail
from waypost_dev.placement import Placement, erase, place
from waypost_dev.ports import is_free
from waypost_dev.process import POLL, Child, Command, wait_until
from waypost_dev.proctable import identify, pid_taken

MAJOR = "18"
START_SECONDS = 120.0
LEAVE_SECONDS = 10.0
_MOST_SOCKET_PATH = 103
"""Bytes of a socket's path that every Unix takes (macOS: 104 with the closing zero)."""
_STOP = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
# What the kernel still holds for a moment after a crash; trying again is the cure.
_LEFTOVERS = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}


class Postgres:
    """One server on 127.0.0.1. `start` and `stop` are idempotent; after `kill`, `start` recovers."""

    def __init__(self, data_dir: Path, port: int, log: Path) -> None:
        self.data_dir = data_dir
        self.port = port
        self.log = log
        self._placement: Placement | None = None
        self._child: Child | None = None

    @property
    def admin_url(self) -> str:
        """The superuser's URL; known once `start` has run. Over a Unix socket, which costs both sides half of what a
        loopback connection does, where its path is short enough."""
        user = f"postgres:{self._password()}"
        if folder := self._socket_folder():
            return f"postgresql://{user}@/postgres?host={quote(folder)}&port={self.port}"
        return f"postgresql://{user}@127.0.0.1:{self.port}/postgres"

    @property
    def running(self) -> bool:
        return bool(self._child and self._child.running)

    @property
    def child(self) -> Child | None:
        return self._child

    async def start(self) -> None:
        if self.running:
            return
        self._placement = await asyncio.to_thread(place, self.data_dir)
        await self._make_way()
        if not is_free(self.port):
            raise EngineError(
                f"port {self.port} of 127.0.0.1, meant for PostgreSQL, is in use",
                "stop the program that listens there, or delete .waypost/ports.json to get another port",
            )
        if not _has_entries(self._place.data):
            await asyncio.to_thread(self._initialise)
        self._check_data()
        await self._run()

    async def stop(self, mode: str = "fast") -> None:
        """`fast` ends sessions and checkpoints; `immediate` is a crash; `smart` waits for clients."""
        if self._child:
            await self._child.stop(_STOP[mode], grace=60.0)

    def kill(self) -> None:
        """A crash: SIGKILL to the server and every backend, nothing written, nothing tidied."""
        if self._child:
            self._child.kill()

    def pause(self) -> None:
        if self._child:
            self._child.pause()

    def resume(self) -> None:
        if self._child:
            self._child.resume()

    def erase(self) -> None:
        """Remove the data, wherever it had to be put. Only when stopped."""
        if self.running:
            raise EngineError(f"PostgreSQL on port {self.port} is running", "stop it first")
        erase(self.data_dir)

    @property
    def _place(self) -> Placement:
        if self._placement is None:
            self._placement = place(self.data_dir)
        return self._placement

    def _socket_folder(self) -> str:
        """The data directory, which is closed to other accounts; empty when the socket's path would be too long."""
        folder = str(self._place.data)
        fits = len(f"{folder}/.s.PGSQL.{self.port}".encode()) <= _MOST_SOCKET_PATH
        return folder if fits else ""

    def _password(self) -> str:
        try:
            return self._place.password_file.read_text().strip()
        except OSError as error:
            raise _stale(self._place.data, "its password file is missing") from error

    def _initialise(self) -> None:
        """initdb into a draft that is renamed when complete: a crash here leaves nothing to trip over."""
        where = self._place
        shutil.rmtree(where.draft, ignore_errors=True)
        where.draft.mkdir(mode=0o700)
        where.password_file.unlink(missing_ok=True)
        where.password_file.touch(mode=0o600)
        where.password_file.write_text(secrets.token_hex(16) + "\n")
        where.own(where.draft)
        where.own(where.password_file)
        argv = [str(where.bin / "initdb"), "-D", str(where.draft), "-U", "postgres", "--encoding=UTF8"]
        argv += [
            "--no-locale",
            "--auth=scram-sha-256",
            f"--pwfile={where.password_file}",
            "--no-instructions",
        ]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        user = where.user
        with self.log.open("ab") as log:
            done = subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                check=False,
            )
        if done.returncode != 0:
            raise EngineError(
                f"initdb failed for {where.data}:\n{tail(self.log)}",
                "see the message above, then `make reset`",
            )
        where.draft.rename(where.data)

    def _check_data(self) -> None:
        data = self._place.data
        version_file = data / "PG_VERSION"
        if not version_file.exists() or not (data / "global" / "pg_control").exists():
            raise _stale(data, "it is not a complete PostgreSQL data directory")
        version = version_file.read_text().strip()
        if version != MAJOR:
            raise _stale(data, f"it was made by PostgreSQL {version}, this is {MAJOR}")
        self._password()
        if self._place.user and data.stat().st_uid != self._place.user.uid:
            self._place.own(data)

    async def _make_way(self) -> None:
        """Settle a `postmaster.pid` left by a crash. A server that is still leaving gets time to go; one that
        stays is somebody's, and is not ours to kill; a stranger who inherited the pid does not count."""
        lock = self._place.data / "postmaster.pid"

        def holder() -> int | None:
            try:
                pid = int(lock.read_text().split("\n", 1)[0])
            except (OSError, ValueError):
                return None
            who = identify(pid)
            if who and str(self._place.data) in who.command:
                return pid
            if pid_taken(
                pid
            ):  # by a stranger, or by a zombie nobody collects: PostgreSQL would wait for either
                lock.unlink(missing_ok=True)
            return None

        if not await wait_until(lambda: holder() is None, LEAVE_SECONDS):
            raise EngineError(
                f"another PostgreSQL (pid {holder()}) is running on {self._place.data}",
                "`make down` in the checkout that started it, or stop that process",
            )

    def _command(self) -> Command:
        where = self._place
        argv = [str(where.bin / "postgres"), "-D", str(where.data), "-p", str(self.port)]
        settings = {**_SETTINGS, "unix_socket_directories": self._socket_folder()}
        if _has_lz4(where.bin):
            settings["wal_compression"] = "lz4"
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        return Command(argv, self.log, user=where.user, cwd=Path("/"), farewell=signal.SIGINT)

    async def _run(self) -> None:
        command = await asyncio.to_thread(self._command)
        deadline = time.monotonic() + START_SECONDS
        while True:
            before = self.log.stat().st_size if self.log.exists() else 0
            self._child = Child(command)
            try:
                if await self._answers(deadline):
                    return
            except BaseException:
                self.kill()
                raise
            said = _since(self.log, before)
            if not any(text in said for text in _LEFTOVERS) or time.monotonic() > deadline:
                self.kill()
                raise EngineError(
                    f"PostgreSQL did not start on {self._place.data}:\n{tail(self.log)}",
                    f"see {self.log}; `make reset` starts with empty data",
                )
            await asyncio.sleep(10 * POLL)

    async def _answers(self, deadline: float) -> bool:
        """True once a query works; False when the server exits or time is up. Recovery counts as waiting."""
        while self.running and time.monotonic() < deadline:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection = await asyncpg.connect(self.admin_url, timeout=5)
                await connection.close()
                return True
            await asyncio.sleep(POLL)
        return False


def _has_entries(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


def _stale(data: Path, why: str) -> EngineError:
    return EngineError(
        f"the PostgreSQL data in {data} cannot be used: {why}",
        "`make reset` (removes the data of this checkout and starts anew)",
    )


def _has_lz4(binaries: Path) -> bool:
    """Whether this build can compress WAL with lz4: asking is cheaper than a failed start."""
    done = subprocess.run(
        [str(binaries / "pg_config"), "--configure"], capture_output=True, text=True, cwd="/", check=False
    )
    return "--with-lz4" in done.stdout


def _since(log: Path, offset: int) -> str:
    with log.open("rb") as stream:
        stream.seek(offset)
        return stream.read().decode(errors="replace")
