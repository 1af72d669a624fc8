"""What people withdrew is not sent, whichever way dispatch hears of it; addresses closed and opened by hand."""

import asyncio
from typing import Any

import asyncpg
import pytest
from chassis import workspace_lock
from chassis.grpc_client import RemoteError
from chassis.ids import new_id
from waypost.common.v1 import record_pb2
from waypost.dispatch.v1 import message_service_pb2
from waypost.dispatch.v1 import suppression_service_pb2 as pb
from waypost.dispatch.v1 import suppression_service_pb2_grpc as pb_grpc
from waypost.profile.v1 import consent_pb2, profile_events_pb2

from tests.waiting import until

from .doubles import key_of
from .provider import DEADLINE_S
from .stage import Stage


async def call(stage: Stage, method: str, request: Any, caller: str = "gateway") -> Any:
    assert stage.peers is not None
    stub = stage.peers.stub("dispatch", pb_grpc.SuppressionServiceStub)
    stage.peers._caller = caller
    tenant = stage.peers.tenant(stage.workspace_id, "ann")
    return await stage.peers.call(getattr(stub, method), request, tenant)


def state(subject: str, refusal: str, version: int, purpose: str = "marketing") -> pb.SubjectState:
    return pb.SubjectState(
        channel="sms",
        subject=subject,
        purpose=purpose,
        withdrawn=bool(refusal),
        refusal=refusal,
        version=version,
    )


async def told(stage: Stage, *subjects: pb.SubjectState, message_id: str = "", key: str = "") -> None:
    """On PROFILE, beside an event."""
    event = profile_events_pb2.ProfileRecord(event=profile_events_pb2.EventRecorded(name="Seen"))
    fact = profile_events_pb2.ConsentStated(
        subjects=[consent_pb2.SubjectState.FromString(one.SerializeToString()) for one in subjects],
        message_id=message_id,
        contact_key=key,
        scope=consent_pb2.ConsentScope(channel="email" if key else "sms"),
    )
    consent = profile_events_pb2.ProfileRecord(consent=profile_events_pb2.ConsentChanged(stated=fact))
    records = [event.SerializeToString(), consent.SerializeToString()]
    batch = record_pb2.RecordBatch(
        batch_id=str(new_id()), workspace_id=str(stage.workspace_id), records=records
    )
    await stage.bus.publish("PROFILE.live.0", batch.SerializeToString(), batch.batch_id)


async def test_a_withdrawal_counts_from_its_answer_on_by_person_and_by_address(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    messages = [stage.intention(n) for n in range(1, 6)]
    messages[4].purpose = "transactional"
    people = [one.person.profile_id.replace("-", "") for one in messages]
    keys = [key_of(address["phone"]) for address in stage.world.addresses.values()]
    withdrawn = [state(people[0], "no_consent", 5), state(keys[1], "unsubscribed", 5)]
    withdrawn += [state(keys[2], "no_consent", 5), state(keys[4], "no_consent", 5)]
    await call(stage, "Suppress", pb.SuppressRequest(subjects=withdrawn))
    # Given again; and what is older than that changes nothing, by either way.
    await call(stage, "Suppress", pb.SuppressRequest(subjects=[state(keys[2], "", 6)]))
    await call(stage, "Suppress", pb.SuppressRequest(subjects=[state(keys[2], "no_consent", 4)]))
    await stage.publish(messages)
    assert (await stage.reached(1, "REFUSED")).reason == "no_consent"
    assert (await stage.reached(2, "REFUSED")).reason == "unsubscribed"
    for number in (3, 4, 5):
        await stage.reached(number, "DELIVERED")
    with pytest.raises(RemoteError) as refused:
        await call(stage, "Suppress", pb.SuppressRequest(), "journey")
    assert refused.value.reason == "CALLER_FORBIDDEN"
    for wrong in ([state("x", "", 1)], [state(keys[0], "", 1)] * 1001):
        with pytest.raises(RemoteError) as refused:
            await call(stage, "Suppress", pb.SuppressRequest(subjects=wrong))
        assert refused.value.metadata["field"] == "subjects"

    await told(stage, state(keys[3], "no_consent", 9))
    await until(lambda: _known(stage, keys[3]), DEADLINE_S)
    again = stage.intention(4, variables_json=b"{}")
    again.meta.record_id = "run4:3"
    await stage.publish([again])
    await until(lambda: _refused(stage), DEADLINE_S)


async def test_a_withdrawal_waits_for_calls_that_are_beginning_and_holds_new_ones_back(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    key = workspace_lock._key(stage.workspace_id)
    other = await asyncpg.connect(stage.database_url)

    async def somebody_waits() -> bool:
        return bool(await stage.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))

    try:
        async with other.transaction():
            await other.execute("SELECT pg_advisory_xact_lock_shared($1)", key)
            withdrawn = [state(new_id().hex, "no_consent", 1)]
            telling = asyncio.create_task(call(stage, "Suppress", pb.SuppressRequest(subjects=withdrawn)))
            await until(somebody_waits, DEADLINE_S)
            assert not telling.done()
        await telling
        async with other.transaction():
            await other.execute("SELECT pg_advisory_xact_lock($1)", key)
            await stage.publish([stage.intention(1)])
            await until(somebody_waits, DEADLINE_S)
            assert not await stage.sandbox.messages()
    finally:
        await other.close()
    await stage.reached(1, "DELIVERED")


async def _known(stage: Stage, key: str) -> bool:
    rows = await stage.rows(
        "SELECT encode(subject, 'hex') AS subject FROM consent_states WHERE refusal <> ''"
    )
    return key in {row["subject"] for row in rows}


async def _refused(stage: Stage) -> bool:
    report = await stage.call("GetMessageReport", message_service_pb2.GetMessageReportRequest())
    return {(o.reason, o.count) for o in report.outcomes if o.reason == "no_consent"} == {("no_consent", 2)}


async def test_what_profile_says_at_the_moment_of_sending_is_asked_by_purpose(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    one, other = stage.intention(1), stage.intention(2, purpose="transactional")
    for message in (one, other):
        stage.world.refusals[message.person.profile_id] = {"marketing": "no_consent"}
    await stage.publish([one, other])
    assert (await stage.reached(1, "REFUSED")).reason == "no_consent"
    await stage.reached(2, "DELIVERED")


async def test_consent_is_asked_for_the_topic_and_the_org_unit_of_a_message(stage: Stage) -> None:
    """Of more topics at once than one call may ask about."""
    await stage.start()
    await stage.template()
    messages = [stage.intention(n, topic=f"t{n}", org_unit_id="s1") for n in range(1, 9)]
    for message in messages:
        stage.world.refusals[message.person.profile_id] = {
            "marketing": "no_consent",
            "marketing/t3/s1": "no_consent",
        }
    await stage.publish(messages)
    assert (await stage.reached(3, "REFUSED")).reason == "no_consent"
    for number in (1, 2, *range(4, 9)):
        sent = await stage.reached(number, "DELIVERED")
        assert (sent.purpose, sent.topic, sent.org_unit_id) == ("marketing", f"t{number}", "s1")


async def test_a_withdrawal_between_the_answer_and_the_call_makes_it_ask_again(stage: Stage) -> None:
    """Whole purposes are closed by what is told; of a topic only profile knows what holds."""
    await stage.start()
    await stage.template()
    topical, other = stage.intention(1, topic="news"), stage.intention(2, topic="news")
    people = [one.person.profile_id for one in (topical, other)]
    closed = [state(person.replace("-", ""), "no_consent", 7) for person in people]
    await call(stage, "Suppress", pb.SuppressRequest(subjects=closed))
    # The second one's answer takes what was told into account: all is withdrawn, and the topic was granted since.
    stage.world.versions[people[1]] = 7
    await stage.publish([topical, other])
    await stage.reached(2, "DELIVERED")

    async def deferred() -> bool:
        rows = await stage.rows("SELECT provider_code FROM attempts WHERE state = 'refused'")
        return "consent_changed" in {row["provider_code"] for row in rows}

    await until(deferred, DEADLINE_S)
    assert len(await stage.sandbox.messages()) == 1
    stage.world.refusals[people[0]] = {"marketing/news/": "no_consent"}
    stage.world.versions[people[0]] = 7
    assert (await stage.reached(1, "REFUSED")).reason == "no_consent"


async def test_the_ledger_takes_over_what_a_link_closed_and_so_can_open_it(stage: Stage) -> None:
    await stage.start()
    await stage.email_template()
    await stage.publish([stage.intention(1, channel="email")])
    await stage.reached(1, "ACCEPTED")
    (mail,) = await stage.sandbox.mails()
    token = dict(mail["headers"])["List-Unsubscribe"].removesuffix(">").rpartition("/")[2]
    unsubscribe = message_service_pb2.UnsubscribeRequest(token=token)
    for _ in range(2):
        await stage.call("Unsubscribe", unsubscribe)
    said = [r for r in await stage.records() if r.HasField("opted_out")]
    assert [(r.message_id, r.channel, r.opted_out.reason) for r in said] == [
        (stage.message_id(1), "email", "unsubscribed")
    ]
    assert said[0].state == 0
    assert said[0].person.profile_id == stage.intention(1, channel="email").person.profile_id
    key = said[0].opted_out.contact_key
    listed = (await call(stage, "ListSuppressions", pb.ListSuppressionsRequest())).suppressions
    assert [(s.contact_key, s.reason) for s in listed] == [(key, "unsubscribed")]

    async def sent(number: int) -> str:
        message = stage.intention(number, channel="email")
        stage.world.know(message.person.profile_id, "n1@shop.example")
        await stage.publish([message])

        async def ended() -> Any:
            found = await stage.message(number)
            return found if found and (found.reason or found.state == 2) else None

        return str((await until(ended, DEADLINE_S)).reason)

    def email(refusal: str, version: int) -> pb.SubjectState:
        told = state(key, refusal, version)
        told.channel = "email"
        return told

    await told(stage, email("unsubscribed", 3), message_id=stage.message_id(1), key=key)
    await until(lambda: _known(stage, key), DEADLINE_S)
    assert not (await call(stage, "ListSuppressions", pb.ListSuppressionsRequest())).suppressions
    assert await sent(2) == "unsubscribed"
    await call(stage, "Suppress", pb.SuppressRequest(subjects=[email("", 4)]))
    assert await sent(3) == ""
    # The old link says so again.
    await stage.call("Unsubscribe", unsubscribe)
    assert await sent(4) == "unsubscribed"
    assert len([r for r in await stage.records() if r.HasField("opted_out")]) == 2


async def test_addresses_are_closed_and_opened_by_hand(stage: Stage) -> None:
    await stage.start()
    keys = [new_id().hex for _ in range(3)]
    closing = [
        pb.AddSuppressionRequest(channel="email", contact_key=key, reason="legal", note="x", request_id=key)
        for key in keys
    ]
    made = await asyncio.gather(*(call(stage, "AddSuppression", one) for one in closing))
    assert {one.suppression.closed_by for one in made} == {"ann"}
    assert (await call(stage, "AddSuppression", closing[0])) == made[0]

    async def listed(lifted: bool = False) -> list[str]:
        found, token = [], ""
        while True:
            request = pb.ListSuppressionsRequest(lifted=lifted, page_size=2, page_token=token)
            page = await call(stage, "ListSuppressions", request)
            found += [s.contact_key for s in page.suppressions]
            if not (token := page.next_page_token):
                return found

    assert sorted(await listed()) == sorted(keys)
    opening = pb.LiftSuppressionRequest(channel="email", contact_key=keys[0], note="asked on the phone")
    lifted = (await call(stage, "LiftSuppression", opening)).suppression
    assert (lifted.reason, lifted.lifted_by, lifted.lift_note) == ("legal", "ann", "asked on the phone")
    assert (sorted(await listed()), await listed(lifted=True)) == (sorted(keys[1:]), [keys[0]])
    with pytest.raises(RemoteError) as refused:
        await call(stage, "LiftSuppression", opening)
    assert refused.value.reason == "NOT_FOUND"
    for field, change in {"note": " ", "channel": "pigeon", "contact_key": "x", "purpose": "fun"}.items():
        wrong = pb.LiftSuppressionRequest(channel="email", contact_key=keys[1], note="n")
        setattr(wrong, field, change)
        with pytest.raises(RemoteError) as refused:
            await call(stage, "LiftSuppression", wrong)
        assert refused.value.metadata["field"] == field
