"""The two engines of a stack: embedded, unless the environment names real servers."""

from __future__ import annotations

import os
from pathlib import Path

from waypost_dev.errors import EngineError
from waypost_dev.names import ENGINES
from waypost_dev.nats import Nats
from waypost_dev.ports import Ports
from waypost_dev.postgres import Postgres
from waypost_dev.process import Child


class Engines:
    """Starts what is embedded and knows the address of what is not."""

    def __init__(self, home: Path, ports: Ports) -> None:
        self._home = home
        self._ports = ports
        self._external = {
            "postgres": os.environ.get("WAYPOST_POSTGRES_URL", ""),
            "nats": os.environ.get("WAYPOST_NATS_URL", ""),
        }
        self._set_up: set[str] = set()
        self._running: dict[str, Postgres | Nats] = {}

    def is_external(self, name: str) -> bool:
        return bool(self._external[name])

    @property
    def has_postgres(self) -> bool:
        """Whether its URL can be told: it has been set up here, or is external."""
        return self.is_external("postgres") or "postgres" in self._set_up

    @property
    def postgres_url(self) -> str:
        """The administrator's URL."""
        return self._external["postgres"] or self._postgres().admin_url

    @property
    def nats_url(self) -> str:
        return self._external["nats"] or self._nats().url

    def get(self, name: str) -> Postgres | Nats:
        if self.is_external(name):
            raise EngineError(
                f"{name} is an external server", f"unset WAYPOST_{name.upper()}_URL to embed it"
            )
        return self._postgres() if name == "postgres" else self._nats()

    def child(self, name: str) -> Child | None:
        engine = self._running.get(name)
        return engine.child if engine else None

    async def start(self, name: str) -> None:
        if not self.is_external(name):
            await self.get(name).start()
            self._set_up.add(name)

    def attach(self) -> None:
        """Engines that another process of ours runs: their addresses count, their lives do not."""
        self._set_up.update(ENGINES)

    async def stop(self, mode: str = "fast") -> None:
        for name in ("nats", "postgres"):
            if engine := self._running.get(name):
                await engine.stop(mode)

    def erase(self) -> None:
        """Remove the embedded data. External servers are left alone."""
        Postgres(self._home / "postgres", 0, self._log("postgres")).erase()
        Nats(self._home / "nats", 0, self._log("nats")).erase()

    def _log(self, name: str) -> Path:
        return self._home / "logs" / f"{name}.log"

    def _postgres(self) -> Postgres:
        engine = self._running.get("postgres")
        if not isinstance(engine, Postgres):
            engine = Postgres(self._home / "postgres", self._ports.get("postgres"), self._log("postgres"))
            self._running["postgres"] = engine
        return engine

    def _nats(self) -> Nats:
        engine = self._running.get("nats")
        if not isinstance(engine, Nats):
            engine = Nats(self._home / "nats", self._ports.get("nats"), self._log("nats"))
            self._running["nats"] = engine
        return engine
