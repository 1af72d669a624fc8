"""Definitions of journeys, and nodes for them."""

from collections.abc import Mapping
from typing import Any


def wait_for(event: str, timeout: str, answered: str, late: str, **more: Any) -> Any:
    """A wait that `event` of the same cart leads to `answered` and the time-out to `late`."""
    same = [{"event": "cart_id", "context": "entry.cart_id"}]
    branches = {"answered": {"event": event, "match": same}}
    following = {"answered": answered, "timeout": late}
    return {"kind": "wait_for_event", "branches": branches, "timeout": timeout, "next": following, **more}


def send(done: str = "end", **more: Any) -> Any:
    return {"kind": "send", "channel": "sms", "content": "cnt_1", "next": {"done": done}, **more}


def definition(
    nodes: Mapping[str, Any] | None = None, entry: Mapping[str, Any] | None = None, **more: Any
) -> Any:
    """Abandoned cart: added → ten minutes for buying → a message → end."""
    usual = {"idle": wait_for("Bought", "10m", "end", "say"), "say": send(), "end": {"kind": "exit"}}
    return {
        "name": "cart",
        "entries": [{"kind": "event", "event": "Added", "key": "cart_id", **(entry or {})}],
        "start": "idle",
        "nodes": nodes or usual,
        **more,
    }
