"""MessageService over gRPC."""

import hmac
import json
import time
from hashlib import sha256
from typing import Any

import pytest
from chassis.grpc_client import RemoteError
from chassis.ids import new_id
from waypost.dispatch.v1 import message_service_pb2 as pb
from waypost.dispatch.v1 import opt_out_service_pb2, opt_out_service_pb2_grpc

from tests.waiting import until

from .doubles import key_of
from .provider import DEADLINE_S, SECRET
from .stage import Stage


def _signed(account: str, body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    mac = hmac.new(bytes.fromhex(SECRET), f"{stamp}.{account}.".encode() + body, sha256)
    return {
        "x-sandbox-timestamp": stamp,
        "x-sandbox-account": account,
        "x-sandbox-signature": mac.hexdigest(),
    }


async def test_templates_are_checked_and_created_once(stage: Stage) -> None:
    await stage.start()
    request = pb.CreateTemplateRequest(name="a", channel="sms", text="Hi {{ entry.x }}", request_id="r1")
    first = await stage.call("CreateTemplate", request)
    assert first == await stage.call("CreateTemplate", request)
    for bad in ("{{ entry.x", "", "{% nosuch %}"):
        with pytest.raises(RemoteError) as refused:
            await stage.call("CreateTemplate", pb.CreateTemplateRequest(name="a", channel="sms", text=bad))
        assert refused.value.reason == "FIELD_INVALID"
    for n in range(4):
        await stage.call("CreateTemplate", pb.CreateTemplateRequest(name=f"n{n}", channel="sms", text="x"))
    names, token = [], ""
    while True:
        page = await stage.call("ListTemplates", pb.ListTemplatesRequest(page_size=2, page_token=token))
        names += [one.name for one in page.templates]
        token = page.next_page_token
        if not token:
            break
    assert names == ["a", "n0", "n1", "n2", "n3"]
    found = await stage.call("GetTemplate", pb.GetTemplateRequest(template_id=first.template.template_id))
    assert found.template == first.template
    with pytest.raises(RemoteError) as missing:
        await stage.call("GetTemplate", pb.GetTemplateRequest(template_id="tpl_none"))
    assert missing.value.reason == "NOT_FOUND"


async def test_limits_are_made_on_first_use_and_changed_at_will(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    await stage.publish([stage.intention(1)])
    await stage.reached(1, "DELIVERED")
    (made,) = (await stage.call("ListLimits", pb.ListLimitsRequest())).limits
    assert (made.channel, made.account, made.per_second, made.source) == ("sms", "sandbox", 50, "default")

    await stage.limit(7)
    (changed,) = (await stage.call("ListLimits", pb.ListLimitsRequest())).limits
    assert (changed.per_second, changed.source) == (7, "test")
    for per_second, account in ((0, "sandbox"), (200_000, "sandbox"), (5, "other")):
        limit = pb.Limit(channel="sms", account=account, per_second=per_second)
        with pytest.raises(RemoteError):
            await stage.call("SetLimit", pb.SetLimitRequest(limit=limit, request_id=str(new_id())))


async def test_messages_are_listed_newest_first_with_their_attempts(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    for n in range(5):
        await stage.publish([stage.intention(n)])
        await stage.reached(n, "DELIVERED")
    keys, token = [], ""
    while True:
        page = await stage.call("ListMessages", pb.ListMessagesRequest(page_size=2, page_token=token))
        keys += [one.intention_key for one in page.messages]
        assert all(len(one.attempts) == 1 for one in page.messages)
        token = page.next_page_token
        if not token:
            break
    assert keys == [f"run{n}:2" for n in (4, 3, 2, 1, 0)]
    one = await stage.message(3)
    of_person = await stage.call("ListMessages", pb.ListMessagesRequest(profile_id=one.profile_id))
    assert [m.message_id for m in of_person.messages] == [one.message_id]
    # While they were taken for somebody else: it is theirs all the same, and goes to their address.
    taken = stage.intention(5)
    taken.person.profile_id = one.profile_id
    await stage.publish([taken])
    assert (await stage.reached(5, "DELIVERED")).address_masked == "+86138****0005"
    theirs = pb.ListMessagesRequest(profile_id=one.profile_id, identity_ids=[taken.person.identity_id])
    found = (await stage.call("ListMessages", theirs)).messages
    assert [m.intention_key for m in found] == ["run5:2"]
    for wrong in (["x"], [one.profile_id] * 1001):
        with pytest.raises(RemoteError) as failure:
            await stage.call("ListMessages", pb.ListMessagesRequest(identity_ids=wrong))
        assert failure.value.metadata["field"] == "identity_ids"
    refused = await stage.call("ListMessages", pb.ListMessagesRequest(state="MESSAGE_STATE_REFUSED"))
    assert len(refused.messages) == 0
    report = await stage.call("GetMessageReport", pb.GetMessageReportRequest(journey_id="jrn_1"))
    assert (report.intentions, report.attempts) == (6, 6)
    empty = await stage.call("GetMessageReport", pb.GetMessageReportRequest(journey_id="jrn_2"))
    assert (empty.intentions, empty.attempts, len(empty.outcomes)) == (0, 0, 0)


async def test_a_reply_that_opts_out_closes_the_address_until_the_ledger_has_it(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    await stage.publish([stage.intention(1)])
    await stage.reached(1, "DELIVERED")
    own = f"sandbox-{stage.workspace_id}"

    async def hear(**said: str) -> int:
        replies = [{"from": "+8613800000001", "text": "退订", "at": "2026-11-01T10:00:00Z"} | said]
        body = json.dumps({"account": own, "replies": replies}).encode()
        asked = pb.RecordCallbackRequest(
            channel="sms", account="sandbox", headers=_signed(own, body), body=body
        )
        return int((await stage.call("RecordCallback", asked)).opted_out)

    async def told() -> list[Any]:
        return [r for r in await stage.records() if r.HasField("opted_out")]

    assert await hear(text="谢谢") == 0
    assert stage.peers is not None
    words = stage.peers.stub("dispatch", opt_out_service_pb2_grpc.OptOutServiceStub)
    tenant = stage.peers.tenant(stage.workspace_id)
    own_words = opt_out_service_pb2.SetOptOutWordsRequest(words=["谢 谢!"])
    chosen = await stage.peers.call(words.SetOptOutWords, own_words, tenant)
    assert list(chosen.words.words) == ["stop", "unsubscribe", "谢谢", "退订"]
    assert await hear(text="TD") == 0
    stage.world.silent = True
    with pytest.raises(RemoteError):
        await hear(text="谢谢")
    stage.world.silent = False
    shipped = await stage.peers.call(
        words.SetOptOutWords, opt_out_service_pb2.SetOptOutWordsRequest(), tenant
    )
    assert not shipped.words.HasField("update_time")
    assert await hear(**{"from": "1069"}) == 0
    stage.world.silent = True
    with pytest.raises(RemoteError) as later:
        await hear()
    assert later.value.code.name == "UNAVAILABLE"
    stage.world.silent = False
    assert await hear() == await hear() == 1
    (said,) = await told()
    assert (said.opted_out.contact_key, said.opted_out.reason) == (key_of("+8613800000001"), "unsubscribed")
    assert said.meta.event_time.ToJsonString() == "2026-11-01T10:00:00Z"
    again = stage.intention(1)
    again.meta.record_id = "run1:3"
    await stage.publish([again])

    async def refused() -> bool:
        rows = await stage.rows("SELECT reason FROM messages WHERE state = 'refused'")
        return [row["reason"] for row in rows] == ["unsubscribed"]

    await until(refused, DEADLINE_S)
    # Once the ledger has it, it says what holds; the same reply again is no news, another one is.
    await stage.rows("UPDATE suppressions SET in_ledger = true RETURNING 1")
    assert await hear() == 1
    assert len(await told()) == 1
    assert await hear(at="2026-11-02T10:00:00Z") == 1
    assert len(await told()) == 2


async def test_callbacks_are_believed_only_with_the_accounts_own_signature(stage: Stage) -> None:
    await stage.start()
    own, other = f"sandbox-{stage.workspace_id}", f"sandbox-{new_id()}"
    receipt = {"message_id": str(new_id()), "provider_id": "SB1", "state": "delivered", "error_code": None}
    strange = {**receipt, "message_id": "not-ours"}
    body = json.dumps({"account": own, "receipts": [receipt, receipt, strange]}).encode()

    def callback(headers: dict[str, str], account: str) -> pb.RecordCallbackRequest:
        return pb.RecordCallbackRequest(channel="sms", account=account, headers=headers, body=body)

    for account in ("sandbox", f"sandbox.{stage.workspace_id}"):
        answer = await stage.call("RecordCallback", callback(_signed(own, body), account))
        assert (answer.recorded, answer.unknown) == (0, 2)
    forged = {**_signed(own, body), "x-sandbox-signature": "0" * 64}
    old = {**_signed(own, body), "x-sandbox-timestamp": "1000000000"}
    for headers in (forged, old, _signed(other, body), {}):
        with pytest.raises(RemoteError) as refused:
            await stage.call("RecordCallback", callback(headers, "sandbox"))
        assert refused.value.reason == "SIGNATURE_INVALID"
    with pytest.raises(RemoteError) as missing:
        await stage.call("RecordCallback", callback(_signed(own, body), "nobody"))
    assert missing.value.reason == "NOT_FOUND"
