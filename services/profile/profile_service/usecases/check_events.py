"""Calls against the schemas of their events: those that may not be stored are set aside, the rest say what is wrong."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from chassis.database import Tx
from chassis.ids import derived_id

from profile_service.domain.calls import Call, Issue
from profile_service.domain.declared import Declared
from profile_service.domain.event_schemas import Verdict, judge
from profile_service.events.read_ingest import EVENT_NAMES, MAX_PATH_CHARS, raw_properties
from profile_service.store import facts

_BUILT_IN = frozenset(EVENT_NAMES.values())
MOST_WARNINGS = 5
"""Issues that the schema of an event makes of one call."""
_MOST_NAME_CHARS = 100


class Blocked(NamedTuple):
    call: Call
    reason: str
    """Names the fault, the event and the path: letters of one reason are mended alike."""
    detail: str


class Checked(NamedTuple):
    calls: list[Call]
    blocked: list[Blocked]


async def check_events(tx: Tx, calls: Iterable[Call], declared: Declared) -> Checked:
    passed: list[Call] = []
    blocked: list[Blocked] = []
    for call in calls:
        verdict = _verdict(call, declared)
        if verdict.mode == "block":
            fault = verdict.faults[0]
            where = f"{call.event_name[:_MOST_NAME_CHARS]}:{fault.path[:MAX_PATH_CHARS]}"
            blocked.append(Blocked(call, f"{fault.reason}:{where}", f"{where}: {fault.detail}"))
        elif verdict.mode == "warn":
            passed.append(call._replace(issues=(*call.issues, *_issues(call, verdict))))
        else:
            passed.append(call)
    return Checked(passed, await _unstored(tx, blocked) if blocked else [])


def _verdict(call: Call, declared: Declared) -> Verdict:
    name = call.event_name
    if not name or (name not in declared.schemas and (declared.undeclared == "allow" or name in _BUILT_IN)):
        return Verdict("allow", ())
    return judge(declared, name, _properties(call) if name in declared.schemas else {})


def _properties(call: Call) -> Any:
    return raw_properties(call.record) if call.held_properties else msgspec.json.decode(call.properties)


def _issues(call: Call, verdict: Verdict) -> Sequence[Issue]:
    return [
        Issue(
            "schema",
            fault.reason,
            f"properties{fault.path}"[:MAX_PATH_CHARS],
            call.event_name,
            call.message_id,
            fault.detail,
        )
        for fault in verdict.faults[:MOST_WARNINGS]
    ]


async def _unstored(tx: Tx, blocked: Sequence[Blocked]) -> list[Blocked]:
    """A call that was stored before it was declared otherwise is a repeat, and no letter."""
    by_key = {derived_id(one.call.message_id): one for one in blocked}
    seen = await facts.seen(tx, by_key)
    return [one for key, one in by_key.items() if key not in seen]
