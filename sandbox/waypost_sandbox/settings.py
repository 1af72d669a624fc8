"""Settings, read from the environment once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class SettingsInvalid(ValueError):
    """A setting is missing or cannot be read."""


@dataclass(frozen=True, slots=True)
class Settings:
    host: str
    port: int
    data_dir: Path
    secret: bytes = field(repr=False)
    smtp_port: int = 0
    """Where mail is taken, on the same host; 0 picks a free one."""
    report_base: str = ""
    """The gateway that reports about mail are posted to; empty: there are none."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        host, port = _listen(env.get("SANDBOX_LISTEN", "127.0.0.1:8090"))
        data_dir = env.get("SANDBOX_DATA_DIR", "")
        if not data_dir:
            raise SettingsInvalid("SANDBOX_DATA_DIR is not set")
        return cls(
            host,
            port,
            Path(data_dir),
            _secret(_text(env, "SANDBOX_SECRET")),
            _port(env.get("SANDBOX_SMTP_PORT", "0"), "SANDBOX_SMTP_PORT must be a port"),
            env.get("SANDBOX_REPORT_URL", ""),
        )


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    problem = "SANDBOX_LISTEN must be host:port"
    if not host:
        raise SettingsInvalid(problem)
    return host, _port(port, problem)


def _port(text: str, problem: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise SettingsInvalid(problem)
    return int(text)


def _text(env: Mapping[str, str], name: str) -> str:
    """The variable, or the content of the file that <name>_FILE names, as mounted secrets want it."""
    if name in env or f"{name}_FILE" not in env:
        return env.get(name, "")
    try:
        return Path(env[f"{name}_FILE"]).read_text().strip()
    except OSError as error:
        raise SettingsInvalid(f"{name}_FILE cannot be read: {error.strerror}") from error


def _secret(text: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError as error:
        raise SettingsInvalid("SANDBOX_SECRET must be a hex string") from error
    if len(secret) < 16:
        raise SettingsInvalid("SANDBOX_SECRET must hold at least 16 bytes")
    return secret
