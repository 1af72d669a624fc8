"""Named crash points: `CRASH_AT=name:n` ends the process, as SIGKILL would, the n-th time it passes there."""

import os
from typing import NoReturn

POINTS = (
    "consumer.before_commit",
    "consumer.after_commit",
    "consumer.after_publish",
    "outbox.before_mark",
    "dispatch.after_reserve",
    "dispatch.before_call",
    "dispatch.after_call",
    "journey.after_timers",
)

_name, _, _count = os.environ.get("CRASH_AT", "").partition(":")
_left = int(_count or 1)


def crash_point(name: str) -> None:
    """Ends the process if this is the point, and the pass, that was asked for."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        _die()


def _die() -> NoReturn:
    os._exit(137)
