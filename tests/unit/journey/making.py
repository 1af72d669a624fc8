"""Definitions, runs and events for tests of the planner. Times are whole minutes after START."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.ids import derived_id
from journey_service.domain.definition import Definition, parse_definition
from journey_service.domain.run import Event, Moment, Run

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
PERSON = derived_id("person")


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def event(name: str, minute: float, n: int = 0, accepted: float | None = None, **properties: Any) -> Event:
    event_id = f"e{n:04}"
    when = at(minute)
    return Event(
        event_id, PERSON, name, Moment(when, event_id), when if accepted is None else at(accepted), properties
    )


def definition(start: str, nodes: Mapping[str, Any], **more: Any) -> Definition:
    entries = more.pop("entries", [{"kind": "event", "event": "Begin"}])
    return parse_definition({"name": "test", "entries": entries, "start": start, "nodes": nodes, **more})


def wait_for(branches: Mapping[str, Any], timeout: str, following: Mapping[str, str], **more: Any) -> Any:
    return {"kind": "wait_for_event", "branches": branches, "timeout": timeout, "next": following, **more}


END = {"kind": "exit"}


def run(node_id: str, opened: Moment | None = None, **more: Any) -> Run:
    values: dict[str, Any] = {
        "run_id": UUID(int=1),
        "journey_id": "jrn_1",
        "version": 1,
        "profile_id": PERSON,
        "identity_id": PERSON,
        "entry_key": "",
        "trigger_id": "e0000",
        "state": "active",
        "node_id": node_id,
        "sequence": 0,
        "opened": opened or Moment(START, "e0000"),
        "memory": {},
        "entry": {},
        "entered_at": START,
        "historical": False,
        "traceparent": "",
        "org_unit_id": "",
    }
    return Run(**(values | more))
