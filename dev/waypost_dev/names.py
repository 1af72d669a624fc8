"""The processes of the stack, in the order they start."""

from __future__ import annotations

from waypost_dev.errors import DevError

ENGINES = ("postgres", "nats")
SERVICES = ("profile", "segment", "journey", "scoring", "dispatch")
WITH_DATABASE = (*SERVICES, "gateway")
PROGRAMS = ("sandbox", *SERVICES, "gateway")
ALL = (*ENGINES, *PROGRAMS)

# Stopped front to back: callers leave before those they call.
LEAVING = (("gateway",), SERVICES, ("sandbox",))


def base(name: str) -> str:
    """The service of a replica: `journey-2` → `journey`."""
    return name.partition("-")[0]


def check(chosen: set[str]) -> None:
    if unknown := chosen - set(ALL):
        raise DevError(f"no such process: {', '.join(sorted(unknown))}", f"choose from {', '.join(ALL)}")


def metrics_of(name: str) -> str:
    """What the port book calls the port where a program's metrics are."""
    return f"{name}-metrics"
