"""Errors a person can act on: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path


class DevError(Exception):
    """An expected failure. The command line prints it without a traceback."""

    def __init__(self, what: str, cure: str = "") -> None:
        self.what = what
        self.cure = cure
        super().__init__(f"{what}\n  cure: {cure}" if cure else what)


class EngineError(DevError):
    """PostgreSQL or NATS cannot run as things stand."""


class ServiceError(DevError):
    """A service did not migrate, start or become ready."""


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log, indented, to put the real reason into the message."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return "  (no log)"
    return "\n".join(f"  | {line}" for line in text.splitlines()[-lines:]) or "  (empty log)"
