"""Dispatch, inside the test's loop or as a process of its own that can be killed."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from chassis.service import Service
from dispatch_service.app import build
from dispatch_service.settings import Settings

from .provider import DEADLINE_S


@dataclass
class Inside:
    """Starts without the seconds that a process spends on importing."""

    service: Service
    serving: asyncio.Task[int]

    @classmethod
    async def start(cls, env: Mapping[str, str], _log: Path) -> "Inside":
        with pytest.MonkeyPatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            settings = Settings()
        service = build(settings, frozenset({"rpc", "work"}))
        return cls(service, asyncio.create_task(service.run()))

    def ended(self) -> str:
        """Why it ended; empty while it runs."""
        return repr(self.serving) if self.serving.done() else ""

    async def leave(self) -> None:
        self.service.stopping.set()
        await asyncio.wait_for(self.serving, DEADLINE_S)


@dataclass
class Process:
    child: asyncio.subprocess.Process
    log: Path

    @classmethod
    async def start(cls, env: Mapping[str, str], log: Path) -> "Process":
        with log.open("ab") as stderr:
            command = (sys.executable, "-m", "dispatch_service", "serve")
            child = await asyncio.create_subprocess_exec(*command, env={**os.environ, **env}, stderr=stderr)
        return cls(child, log)

    def ended(self) -> str:
        return "" if self.child.returncode is None else self.log.read_text()

    async def leave(self) -> None:
        if self.child.returncode is None:
            self.child.send_signal(signal.SIGKILL)
        await asyncio.wait_for(self.child.wait(), DEADLINE_S)
