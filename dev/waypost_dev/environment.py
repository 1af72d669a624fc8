"""What each process is told. Every setting reaches a process as an environment variable, and only its own."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from waypost_dev import keyfiles
from waypost_dev.databases import Databases
from waypost_dev.engines import Engines
from waypost_dev.names import PROGRAMS, WITH_DATABASE, base, metrics_of
from waypost_dev.ports import Ports

SMTP = "sandbox-smtp"
"""The sandbox's other door, in the book of ports."""


class Environment:
    """The settings of one stack, derived from its home directory, its ports and its engines."""

    def __init__(self, home: Path, ports: Ports, engines: Engines) -> None:
        self._home = home
        self._ports = ports
        self._engines = engines

    @cached_property
    def databases(self) -> Databases:
        """Known once PostgreSQL has been set up, since its administrator's password is made then."""
        return Databases(self._engines.postgres_url, keyfiles.ensure_secret(self._home / "database.secret"))

    @property
    def env_file(self) -> Path:
        return self._home / "env"

    @property
    def gateway_url(self) -> str:
        return f"http://{self.address('gateway')}"

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self._ports.get(name)}"

    def common(self) -> dict[str, str]:
        """What all services share."""
        keyfiles.ensure_secret(self._home / "service.secret")
        return {
            "WAYPOST_NATS_URL": self._engines.nats_url,
            "WAYPOST_KEYS_FILE": str(keyfiles.ensure_keys(self._home / "keys.json")),
            "WAYPOST_SERVICE_SECRET_FILE": str(self._home / "service.secret"),
            "WAYPOST_REFLECTION": "true",
            "WAYPOST_PEERS": ",".join(
                f"{name}={self.address(name)}" for name in (*PROGRAMS[1:], PROGRAMS[0])
            ),
        }

    def own(self, name: str) -> dict[str, str]:
        """What one process alone needs to know; `name` may be a replica."""
        service = base(name)
        prefix = service.upper()
        values = {f"{prefix}_LISTEN": self.address(name)}
        if service in WITH_DATABASE and self._engines.has_postgres:
            values[f"{prefix}_POSTGRES_URL"] = self.databases.url(service, "app")
            values[f"{prefix}_MIGRATE_URL"] = self.databases.url(service, "owner")
        if service == "sandbox":
            values["SANDBOX_DATA_DIR"] = str(self._home / "sandbox")
            values["SANDBOX_SECRET"] = self._sandbox_secret()
            values["SANDBOX_SMTP_PORT"] = str(self._ports.get(SMTP))
            values["SANDBOX_REPORT_URL"] = self.gateway_url
        if service == "gateway":
            values["GATEWAY_PUBLIC_URL"] = self.gateway_url
        if service == "dispatch":
            values["DISPATCH_SANDBOX_URL"] = f"http://{self.address('sandbox')}"
            values["DISPATCH_SANDBOX_SECRET"] = self._sandbox_secret()
            values["DISPATCH_SMTP_HOST"] = "127.0.0.1"
            values["DISPATCH_SMTP_PORT"] = str(self._ports.get(SMTP))
            values["DISPATCH_SMTP_TLS"] = "none"
            values["DISPATCH_SMTP_FROM"] = "Waypost <hello@waypost.example>"
            values["DISPATCH_SMTP_BOUNCES"] = "bounces@waypost.example"
            values["DISPATCH_EMAIL_CALLBACK_SECRET"] = self._sandbox_secret()
            values["DISPATCH_PUBLIC_URL"] = self.gateway_url
            values["DISPATCH_UNSUBSCRIBE_KEYS"] = keyfiles.ensure_secret(self._home / "unsubscribe.secret")
        return values

    def of_process(self, name: str, extra: dict[str, str]) -> dict[str, str]:
        """The whole environment of a process: ours, the stack's, its own, then what a test overrides."""
        shared = {}
        if base(name) != "sandbox":
            shared = {**self.common(), "WAYPOST_METRICS_LISTEN": self.address(metrics_of(name))}
        python = {"PYTHONUNBUFFERED": "1", "GRPC_ENABLE_FORK_SUPPORT": "0"}
        # Without byte code on disk each process would compile thousands of files at every start.
        inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        return {**inherited, **_direct(), **python, **shared, **self.own(name), **extra}

    def everything(self) -> dict[str, str]:
        """For tests and tools: all settings of all processes, and the demo workspace once it exists."""
        values = self.common()
        for name in PROGRAMS:
            values.update(self.own(name))
        return {**values, **keyfiles.read_env(self.env_file), "WAYPOST_URL": self.gateway_url}

    def _sandbox_secret(self) -> str:
        return keyfiles.ensure_secret(self._home / "sandbox.secret")


def _direct() -> dict[str, str]:
    """Processes of one machine must not talk to each other through a configured web proxy."""
    listed = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = ",".join(filter(None, [listed, "127.0.0.1,localhost"]))
    return {"no_proxy": hosts, "NO_PROXY": hosts}
