"""One message from SEND to the handset and back, and everything that may go wrong on the way."""

from typing import Any

from waypost.dispatch.v1 import message_events_pb2

Stage = Any


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
    states = [message_events_pb2.MessageState.Name(r.state) for r in await stage.records()]
    assert sorted(states) == ["MESSAGE_STATE_ACCEPTED", "MESSAGE_STATE_DELIVERED"]
