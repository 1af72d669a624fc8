"""Wait until one of several events happens, or a time-out.

The wait opens at the event time of what led here, so events that happened since then count even if they were stored
before the run came; the time-out is decided by the same look at the person's time line when it fires.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from journey_service.domain.durations import SCHEMA
from journey_service.domain.matching import EventMatch, read_match
from journey_service.domain.problems import Reader
from journey_service.domain.run import Decision, Event, Known, Moment, Pass, Run, Wait

TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class WaitForEventNode:
    branches: Mapping[str, EventMatch]
    restart_on: EventMatch | None
    timeout: timedelta
    kind: str = "wait_for_event"

    def ways_out(self) -> frozenset[str]:
        return frozenset({*self.branches, TIMEOUT})

    def named_nodes(self) -> Mapping[tuple[str, str], str]:
        return {}

    def event_names(self) -> frozenset[str]:
        watched = [*self.branches.values(), *((self.restart_on,) if self.restart_on else ())]
        return frozenset(match.event for match in watched)

    def decide(self, run: Run, known: Known) -> Decision:
        since = run.opened.at
        used = run.opened.id.split()
        for event in known.events:
            # Two events of one millisecond have no known order: the other one counts as what came after.
            if event.moment.at < run.opened.at or event.event_id in used:
                continue
            if event.moment.at > since + self.timeout:
                break
            for name, match in self.branches.items():
                if match.holds(event, run.entry):
                    inputs = {"event_id": event.event_id, "event": event.name}
                    return Pass(name, _opened_by(event, run.opened), inputs)
            if self.restart_on and self.restart_on.holds(event, run.entry):
                since = event.moment.at
        due = since + self.timeout
        if known.now >= due:
            return Pass(TIMEOUT, Moment(due), {"waited_since": since.isoformat(), "due": due.isoformat()})
        return Wait(due)


def _opened_by(event: Event, before: Moment) -> Moment:
    """Where the next wait opens. Of one instant it names every event used up, or two could answer for ever in turn."""
    same = event.moment.at == before.at and before.id
    return Moment(event.moment.at, f"{before.id} {event.event_id}" if same else event.event_id)


_MATCH_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["event"],
    "properties": {"event": {"type": "string"}, "where": {"type": "array"}, "match": {"type": "array"}},
}


class WaitForEventKind:
    name = "wait_for_event"
    label = {"en": "Wait for an event", "zh": "等待事件"}
    description = {
        "en": "Waits until one of the events happens, or a time-out passes without it.",
        "zh": "等待任一事件发生,超时未发生则走超时分支。",
    }
    schema = {
        "type": "object",
        "required": ["branches", "timeout"],
        "additionalProperties": False,
        "properties": {
            "branches": {"type": "object", "additionalProperties": _MATCH_SCHEMA, "minProperties": 1},
            "restart_on": _MATCH_SCHEMA,
            "timeout": SCHEMA,
        },
    }

    def read(self, config: Reader) -> WaitForEventNode:
        branches = config.child("branches")
        if not branches.data:
            config.note("branches", "missing", "expected at least one branch")
        matches = {name: read_match(branches.child(name)) for name in branches.data}
        if TIMEOUT in matches:
            branches.note(
                TIMEOUT, "bad_value", "timeout is the way out that passing time takes; name the branch else"
            )
        for name in branches.data:
            if ":" in name:
                branches.note(
                    name, "bad_value", "a way out has no colon in its name: exits are recorded with one"
                )
        restart = read_match(config.child("restart_on")) if config.get("restart_on") is not None else None
        return WaitForEventNode(matches, restart, config.duration("timeout"))


NODE = WaitForEventKind()
