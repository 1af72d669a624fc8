"""One message from SEND to the handset and back, and everything that may go wrong on the way."""

from typing import Any

from waypost.dispatch.v1 import message_events_pb2

from tests.waiting import until

from .provider import DEADLINE_S
from .stage import Stage


async def test_one_message_goes_out_and_comes_back_delivered(stage: Stage) -> None:
    await stage.start()
    await stage.template()

    await stage.publish([stage.intention(1)])
    message = await stage.reached(1, "DELIVERED")

    (handset,) = await stage.sandbox.messages()
    assert handset["text"] == "Hello n1"
    assert handset["to"] == "+8613800000001"
    assert message.address_masked == "+86138****0001"
    assert [(a.number, a.state) for a in message.attempts] == [(1, "accepted")]
    assert await stage.queued() == 0
    assert await _states(stage) == ["ACCEPTED", "DELIVERED"]


async def test_a_repeated_intention_is_sent_once(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    intentions = [stage.intention(n) for n in range(10)]

    for partition in (0, 0, 1, 2):
        await stage.publish([*intentions, intentions[0]], partition)
    await stage.all_reach(10)

    stats = await stage.sandbox.stats()
    assert (stats["messages"], stats["duplicates"]) == (10, 0)
    records = [r.meta.record_id for r in await stage.records()]
    assert len(records) == len(set(records))
    assert sum(r.endswith(":delivered") for r in records) == 10


async def test_an_answer_lost_after_acceptance_is_asked_for(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    await stage.sandbox.control(timeout_after_accept=1, lose_receipts=1)

    await stage.publish([stage.intention(1)])
    message = await stage.reached(1, "DELIVERED")

    assert [(a.number, a.state) for a in message.attempts] == [(1, "accepted")]
    stats = await stage.sandbox.stats()
    assert (stats["messages"], stats["calls"]) == (1, 1)
    assert await _states(stage) == ["UNKNOWN", "DELIVERED"]


async def test_a_call_lost_before_acceptance_is_repeated_after_asking(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    await stage.sandbox.control(timeout_before_accept=2)

    await stage.publish([stage.intention(1)])
    message = await stage.reached(1, "DELIVERED")

    assert [(a.number, a.state, a.provider_code) for a in message.attempts[:2]] == [
        (1, "refused", "NOT_THERE"),
        (2, "refused", "NOT_THERE"),
    ]
    assert message.attempts[2].state == "accepted"
    stats = await stage.sandbox.stats()
    assert (stats["messages"], stats["calls"]) == (1, 1)
    assert await _states(stage) == ["UNKNOWN", "ACCEPTED", "DELIVERED"]


async def test_a_slow_provider_is_not_called_twice(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    await stage.sandbox.control(latency_ms=1500)

    await stage.publish([stage.intention(1)])
    await stage.reached(1, "UNKNOWN")
    await stage.sandbox.control(latency_ms=0)
    await stage.reached(1, "DELIVERED")

    assert (await stage.sandbox.stats())["messages"] == 1


async def test_every_refusal_has_its_reason(stage: Stage) -> None:
    await stage.start()
    await stage.template("{% if entry.name == 'n6' %}{{ entry.name | divided_by: 0 }}{% endif %}Hello")
    intentions = [stage.intention(n) for n in range(8)]
    stage.world.addresses.pop(intentions[1].person.profile_id)
    stage.world.forbidden["run2"] = "run_exited"
    intentions[3].content_id = "tpl_none"
    intentions[4].not_after_time.FromSeconds(1)
    intentions[5].channel = "pigeon"
    stage.world.know(intentions[7].person.profile_id, "+86123")

    await stage.publish(intentions)
    await stage.reached(0, "DELIVERED")

    reasons = {n: (await stage.reached(n, "REFUSED")).reason for n in range(1, 8)}
    assert reasons == {
        1: "no_address",
        2: "run_exited",
        3: "template_unknown",
        4: "expired",
        5: "channel_unknown",
        6: "template_failed",
        7: "provider:NUMBER_INVALID",
    }
    assert {r.reason for r in await stage.records() if r.reason} == set(reasons.values())
    assert await stage.queued() == 0
    assert len(await stage.sandbox.messages()) == 1


async def test_a_provider_that_refuses_for_now_is_called_again(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    await stage.sandbox.control(refuse_rate=1)

    await stage.publish([stage.intention(n) for n in range(12)])

    async def refused() -> Any:
        return (await stage.sandbox.stats())["refused"].get("MAINTENANCE", 0) >= 12

    # Ended once seen: each refusal doubles the pause, and an unlucky message would outwait any deadline.
    await until(refused, DEADLINE_S)
    await stage.sandbox.control(refuse_rate=0)
    await stage.all_reach(12)
    stats = await stage.sandbox.stats()
    assert (stats["messages"], stats["duplicates"]) == (12, 0)


async def test_silent_peers_hold_messages_back_without_losing_them(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    stage.world.silent = True

    await stage.publish([stage.intention(1)])

    async def deferred() -> Any:
        message = await stage.message(1)
        return message if message and any(a.state == "refused" for a in message.attempts) else None

    message = await until(deferred, DEADLINE_S)
    assert message.attempts[0].provider_code == "consent_unavailable"
    assert await stage.sandbox.messages() == []
    stage.world.silent = False
    await stage.reached(1, "DELIVERED")


async def test_receipts_that_repeat_change_nothing_and_failures_are_told(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    await stage.sandbox.control(repeat_receipts=2, fail_rate=1)

    await stage.publish([stage.intention(n) for n in range(3)])
    await stage.all_reach(3, "FAILED")

    async def repeated() -> bool:
        return (await stage.sandbox.stats())["pending_callbacks"] == 0

    await until(repeated, DEADLINE_S)
    assert (await stage.message(0)).reason == "HANDSET_UNREACHABLE"
    records = [r.meta.record_id for r in await stage.records()]
    assert len(records) == len(set(records))
    assert sum(r.endswith(":failed") for r in records) == 3


async def _states(stage: Stage) -> list[str]:
    names = message_events_pb2.MessageState
    return [names.Name(r.state).removeprefix("MESSAGE_STATE_") for r in await stage.records()]
