"""Rows → messages, and the reading of fields."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from chassis.errors import InvalidArgument
from google.protobuf.timestamp_pb2 import Timestamp
from rules import Rule, RuleProblem, cost_of, describe, needs, normalise, render
from waypost.segment.v1 import segment_service_pb2 as pb

from segment_service.queries.segments import Sized
from segment_service.store.known_names import Kind
from segment_service.store.segments import Row

_STATES = {"building": pb.SEGMENT_STATE_BUILDING, "active": pb.SEGMENT_STATE_ACTIVE}

KINDS: dict[int, Kind] = {pb.KNOWN_NAME_KIND_EVENT: "event", pb.KNOWN_NAME_KIND_TRAIT: "trait"}


def segment_of(row: Row, size: int = 0) -> pb.Segment:
    words = describe(row.parsed)
    created = Timestamp()
    created.FromDatetime(row.created_at)
    return pb.Segment(
        segment_id=row.segment_id,
        name=row.name,
        rule_json=msgspec.json.encode(row.rule),
        version=row.version,
        state=_STATES[row.state],
        size=size,
        create_time=created,
        description_en=words["en"],
        description_zh=words["zh"],
    )


def description_of(rule: Rule, warnings: Iterable[RuleProblem]) -> pb.DescribeRuleResponse:
    words = describe(rule)
    found = sorted(
        (n.kind.value, n.name, msgspec.json.encode(n.window.render()) if n.window else b"")
        for n in needs(rule)
    )
    return pb.DescribeRuleResponse(
        description_en=words["en"],
        description_zh=words["zh"],
        cost=cost_of(rule).name.lower(),
        needs=[pb.RuleNeed(kind=kind, name=name, window_json=window) for kind, name, window in found],
        normalised_json=msgspec.json.encode(render(normalise(rule))),
        warnings=[
            pb.RuleWarning(pointer=w.pointer, reason=w.reason.value, detail=w.detail) for w in warnings
        ],
    )


def sized(found: Sized) -> pb.Segment:
    return segment_of(found.row, found.size)


def uuid_of(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidArgument(f"{field} must hold UUIDs", field=field) from error
