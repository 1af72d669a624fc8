"""Decisions → records of JOURNEY and SEND."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from chassis.clock import to_ms
from chassis.outbox import Outgoing
from waypost.common.v1 import record_pb2
from waypost.dispatch.v1 import intention_pb2
from waypost.journey.v1 import journey_events_pb2 as pb

from journey_service.domain.plan import Issued, Steps
from journey_service.domain.run import Run


def outgoing(entered: Iterable[Run], steps: Iterable[Steps], now: datetime) -> list[Outgoing]:
    """Everything that a batch of decisions says to others. Frozen and merged runs are exits by that name."""
    facts = [_entered(run, now) for run in entered]
    intentions: list[bytes] = []
    for step in steps:
        intentions += [_intention(issued, now) for issued in step.issued]
        if step.after.state != "active" and step.before.state == "active":
            facts.append(_exited(step.after, now))
    found = [Outgoing("SEND", intentions)] if intentions else []
    return [*found, Outgoing("JOURNEY", facts)] if facts else found


def resumed(runs: Iterable[Run], now: datetime) -> list[Outgoing]:
    """Runs that a merge froze and that go on, at the nodes at which they stood."""
    facts = []
    for run in runs:
        record = _record(run, _id(run, "resumed", now), now)
        record.resumed.node_id = run.node_id
        facts.append(bytes(record.SerializeToString()))
    return [Outgoing("JOURNEY", facts)] if facts else []


def _entered(run: Run, now: datetime) -> bytes:
    record = _record(run, f"{run.run_id}:entered", now)
    record.entered.trigger_id = run.trigger_id
    return bytes(record.SerializeToString())


def _exited(run: Run, now: datetime) -> bytes:
    exited = run.state == "exited"
    record = _record(run, f"{run.run_id}:exited" if exited else _id(run, run.state, now), now)
    record.exited.node_id = run.node_id
    record.exited.reason = run.exit_reason or run.state
    return bytes(record.SerializeToString())


def _intention(issued: Issued, now: datetime) -> bytes:
    run, intention = issued.run, issued.intention
    record = intention_pb2.IntentionRecord(
        meta=_meta(run, f"{run.run_id}:{run.sequence}", now),
        person=_person(run),
        channel=intention.channel,
        content_id=intention.content_id,
        purpose=intention.purpose,
        topic=intention.topic,
        org_unit_id=intention.org_unit_id,
        variables_json=msgspec.json.encode({"entry": run.entry}),
        journey_id=run.journey_id,
        journey_version=run.version,
        node_id=run.node_id,
        run_id=str(run.run_id),
        run_sequence=run.sequence,
        trigger_id=run.trigger_id,
    )
    record.not_after_time.FromDatetime(intention.not_after)
    return bytes(record.SerializeToString())


def _id(run: Run, what: str, now: datetime) -> str:
    """Of what may happen to a run more than once."""
    return f"{run.run_id}:{what}:{to_ms(now)}"


def _record(run: Run, record_id: str, now: datetime) -> pb.JourneyRecord:
    return pb.JourneyRecord(
        meta=_meta(run, record_id, now),
        person=_person(run),
        journey_id=run.journey_id,
        journey_version=run.version,
        run_id=str(run.run_id),
    )


def _person(run: Run) -> record_pb2.PersonRef:
    # No number and no version: the receiver's own map decides who the identity is.
    return record_pb2.PersonRef(identity_id=str(run.identity_id), profile_id=str(run.profile_id))


def _meta(run: Run, record_id: str, now: datetime) -> record_pb2.RecordMeta:
    meta = record_pb2.RecordMeta(
        record_id=record_id,
        historical=run.historical,
        traceparent=run.traceparent,
        org_unit_id=run.org_unit_id,
    )
    meta.event_time.FromDatetime(now)
    meta.accept_time.FromDatetime(now)
    return meta
