"""The Python programs of the stack: migrations, services, replicas, sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from waypost_dev.environment import Environment
from waypost_dev.errors import DevError, ServiceError, tail
from waypost_dev.names import base
from waypost_dev.ports import Ports
from waypost_dev.process import POLL, Child, Command, wait_until
from waypost_dev.readiness import is_ready

MIGRATE_SECONDS = 180.0


@dataclass
class Program:
    """One started program and what we want of it."""

    name: str
    port: int
    child: Child
    wanted: bool = True
    state: str = "starting"


class Programs:
    """Starts and stops programs by name; a name may be a replica (`journey-2`)."""

    def __init__(
        self, home: Path, ports: Ports, environment: Environment, overrides: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._home = home
        self._ports = ports
        self._environment = environment
        self._overrides = overrides
        self._migrating = asyncio.Semaphore(os.cpu_count() or 2)
        self.table: dict[str, Program] = {}

    def log(self, name: str) -> Path:
        return self._home / "logs" / f"{name}.log"

    def get(self, name: str) -> Program:
        if name not in self.table:
            raise DevError(f"{name} has not been started", f"started are: {', '.join(self.table) or 'none'}")
        return self.table[name]

    def spawn(self, name: str) -> Program:
        """Start a program that is not running; readiness is another question."""
        old = self.table.get(name)
        if old and old.child.running:
            return old
        argv = ["-m", "waypost_sandbox"] if name == "sandbox" else ["-m", f"{base(name)}_service", "serve"]
        program = Program(name, self._ports.get(name), Child(self._command(name, argv)))
        self.table[name] = program
        return program

    async def migrate(self, name: str) -> None:
        """Bring a service's database to the schema of this program, which may be a replica of another release."""
        async with self._migrating:
            await self._run_to_end(name, ["-m", f"{base(name)}_service", "migrate"], "migrate")

    async def create_workspace(self, name: str) -> dict[str, str]:
        """The first workspace, with its keys, as the gateway reports them."""
        log = self.log("create-workspace")
        argv = ["-m", "gateway_service", "create-workspace", "--name", name]
        await self._run_to_end("gateway", argv, "create-workspace", log)
        for line in reversed(log.read_text().splitlines()):
            if line.startswith("{") and "write_key" in line:
                log.unlink()  # it shows the secret key
                answer: dict[str, str] = json.loads(line)
                return answer
        raise ServiceError(f"create-workspace printed no keys:\n{tail(log)}", f"see {log}")

    async def wait_ready(self, name: str, seconds: float) -> None:
        program = self.get(name)
        deadline = time.monotonic() + seconds
        while not await is_ready(name, program.port):
            if not program.child.running:
                raise self._failed(
                    name, f"{name} ended with code {program.child.returncode} before it was ready"
                )
            if time.monotonic() > deadline:
                raise self._failed(name, f"{name} was not ready after {seconds:.0f} s")
            await asyncio.sleep(5 * POLL)
        program.state = "ready"

    async def stop(self, name: str, grace: float) -> None:
        if program := self.table.get(name):
            program.wanted = False
            program.state = "stopping"
            await program.child.stop(grace=grace)
            program.state = "stopped"

    async def _run_to_end(self, service: str, argv: list[str], what: str, log: Path | None = None) -> None:
        child = Child(self._command(service, argv, log))
        try:
            ended = await wait_until(lambda: not child.running, MIGRATE_SECONDS)
        finally:
            child.kill()
        if not ended:
            raise self._failed(service, f"{service}: `{what}` took longer than {MIGRATE_SECONDS:.0f} s", log)
        if child.returncode:
            raise self._failed(service, f"{service}: `{what}` failed with code {child.returncode}", log)

    def _command(self, name: str, argv: list[str], log: Path | None = None) -> Command:
        extra = {**self._overrides.get(base(name), {}), **self._overrides.get(name, {})}
        environment = self._environment.of_process(name, extra)
        return Command([sys.executable, *argv], log or self.log(name), env=environment)

    def _failed(self, name: str, what: str, log: Path | None = None) -> ServiceError:
        file = log or self.log(name)
        return ServiceError(
            f"{what}:\n{tail(file)}", f"see {file}; with old data of another version: `make reset`"
        )
