"""What recipients do with messages, in the ledger of consents."""

from datetime import timedelta

from chassis.bus import Source
from chassis.consumer import Batch
from chassis.ids import new_id
from profile_service.usecases.take_opt_outs import TakeOptOuts
from waypost.dispatch.v1 import message_events_pb2
from waypost.profile.v1 import consent_service_pb2 as pb
from waypost.profile.v1 import profile_events_pb2

from .harness import call
from .ledger import GRANTED, Ledger


async def test_what_a_recipient_does_with_a_message_comes_into_the_ledger(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann", "device_id:d1", phone="+8613800000001"))
    [said] = await ledger.take(call("m2", "device_id:d1", name="Seen"))
    ann = await ledger.person("ann")
    key = ann.contact_points[0].contact_key

    def outcome(number: int, *, opted_out: bool) -> bytes:
        record = message_events_pb2.MessageRecord(message_id=f"msg-{number}", channel="sms")
        record.meta.event_time.FromDatetime(ledger.clock.now() - timedelta(minutes=number))
        record.person.CopyFrom(said.person)
        if opted_out:
            record.opted_out.contact_key, record.opted_out.purpose = key, "marketing"
            record.opted_out.reason = "unsubscribed"
        return record.SerializeToString()

    handler = TakeOptOuts(ledger.clock)
    batch = Batch(
        ledger.workspace_id,
        Source("MESSAGE", "live", 0),
        [outcome(n, opted_out=n % 2 == 0) for n in range(4)],
    )
    for _ in range(2):
        outgoing = await ledger.database.run(
            ledger.workspace_id, lambda tx: handler.apply(tx, batch, None), keyed=True
        )
        facts = [
            profile_events_pb2.ProfileRecord.FromString(raw).consent.stated
            for out in outgoing
            for raw in out.records
        ]
        assert [f.message_id for f in facts] == ["msg-0", "msg-2"]
    assert {(s.subject, s.refusal) for s in facts[0].subjects} == {(key, "unsubscribed")}
    assert await ledger.refusals("ann") == ["unsubscribed"]
    page = await ledger.consents.ListConsents(pb.ListConsentsRequest(profile_id=ann.profile_id), None)
    assert [(e.contact_key, e.source) for e in page.entries] == [(key, "unsubscribed")] * 2
    await ledger.say("ann", GRANTED)
    assert await ledger.refusals("ann") == [""]


async def test_a_reply_is_of_whoever_had_the_number_last(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann", phone="+8613800000001"))
    await ledger.take(call("m2", "user_id:ben", phone="+8613800000001", at=1))
    key = (await ledger.person("ann")).contact_points[0].contact_key

    def reply(number: int, key: str) -> bytes:
        record = message_events_pb2.MessageRecord(message_id=f"reply-{number}", channel="sms")
        record.meta.event_time.FromDatetime(ledger.clock.now())
        record.opted_out.contact_key, record.opted_out.purpose = key, "marketing"
        record.opted_out.reason = "unsubscribed"
        return record.SerializeToString()

    handler = TakeOptOuts(ledger.clock)
    replies = [reply(1, key), reply(2, new_id().hex)]
    batch = Batch(ledger.workspace_id, Source("MESSAGE", "live", 0), replies)
    (out,) = await ledger.database.run(
        ledger.workspace_id, lambda tx: handler.apply(tx, batch, None), keyed=True
    )
    told = [profile_events_pb2.ProfileRecord.FromString(raw) for raw in out.records]
    assert [r.consent.stated.message_id for r in told] == ["reply-1"]
    assert told[0].person.profile_id == (await ledger.person("ben")).profile_id
    assert await ledger.refusals("ann", "ben") == ["unsubscribed"] * 2
    await ledger.say("ben", GRANTED)
    assert await ledger.refusals("ann", "ben") == ["", ""]
