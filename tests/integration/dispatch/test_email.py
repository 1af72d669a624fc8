"""One e-mail from SEND to the mailbox, and what may come back of it."""

import hmac
import time
from hashlib import sha256
from typing import Any

import pytest
from chassis.grpc_client import RemoteError
from chassis.ids import new_id
from waypost.dispatch.v1 import message_service_pb2 as pb

from tests.waiting import until

from .provider import DEADLINE_S, SECRET
from .stage import Stage


def _email(stage: Stage, number: int, **change: Any) -> Any:
    return stage.intention(number, channel="email", **change)


async def test_an_email_goes_out_under_its_own_name_and_its_link_stops_marketing(stage: Stage) -> None:
    await stage.start()
    await stage.email_template(sender="途点 <care@shop.example>", reply_to="ask@shop.example")

    await stage.publish([_email(stage, 1)])
    message = await stage.reached(1, "ACCEPTED")

    (mail,) = await stage.sandbox.mails()
    assert mail["to"] == ["n1@shop.example"]
    assert (mail["from"], mail["subject"]) == ("途点 <care@shop.example>", "Hi n1")
    assert mail["message_id"] == f"<{stage.message_id(1)}@shop.example>"
    assert mail["return_path"] == f"bounces+{stage.workspace_id.hex}@waypost.example"
    assert mail["html"].strip() == "<html><head></head><body><p>Hello <b>n1</b></p></body></html>"
    assert mail["text"].strip() == "Hello n1"
    headers = dict(mail["headers"])
    assert headers["Reply-To"] == "ask@shop.example"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.address_masked == "n***@shop.example"
    assert (message.channel, message.account) == ("email", "smtp")
    assert await stage.queued() == 0

    token = headers["List-Unsubscribe"].removesuffix(">").rpartition("/")[2]
    for _ in range(2):
        await stage.call("Unsubscribe", pb.UnsubscribeRequest(token=token))
    with pytest.raises(RemoteError) as refused:
        await stage.call("Unsubscribe", pb.UnsubscribeRequest(token=token[:-1]))
    assert refused.value.reason == "NOT_FOUND"

    more = [_email(stage, 2), _email(stage, 3, purpose="transactional")]
    for one in more:
        stage.world.know(one.person.profile_id, "n1@shop.example")
    await stage.publish(more)
    assert (await stage.reached(2, "REFUSED")).reason == "unsubscribed"
    await stage.reached(3, "ACCEPTED")
    last = (await stage.sandbox.mails())[-1]
    assert "List-Unsubscribe" not in dict(last["headers"])


async def test_templates_of_emails_are_checked_part_by_part(stage: Stage) -> None:
    await stage.start()
    sound = {"name": "t", "channel": "email", "subject": "s", "html": "<p>x</p>"}
    for change, field in (
        ({"subject": " "}, "subject"),
        ({"html": ""}, "html"),
        ({"html": "{{ x"}, "html"),
        ({"subject": "{% if %}"}, "subject"),
        ({"sender": "nobody"}, "from"),
        ({"sender": "A <a@b.cn>\r\nBcc: c@d.cn"}, "from"),
        ({"reply_to": "a@"}, "reply_to"),
        ({"text": "x" * 100_001}, "text"),
        ({"channel": "sms", "text": "x"}, "html"),
        ({"channel": "pigeon"}, "channel"),
    ):
        with pytest.raises(RemoteError) as refused:
            await stage.call("CreateTemplate", pb.CreateTemplateRequest(**{**sound, **change}))
        assert (refused.value.reason, refused.value.metadata["field"]) == ("FIELD_INVALID", field)
    made = (await stage.call("CreateTemplate", pb.CreateTemplateRequest(**sound, reply_to="a@b.cn"))).template
    found = await stage.call("GetTemplate", pb.GetTemplateRequest(template_id=made.template_id))
    assert (found.template.subject, found.template.html, found.template.reply_to) == (
        "s",
        "<p>x</p>",
        "a@b.cn",
    )
    channels = (await stage.call("ListChannels", pb.ListChannelsRequest())).channels
    assert [(c.channel, c.account) for c in channels] == [("sms", "sandbox"), ("email", "smtp")]
    assert "电子邮件" in channels[1].label_json.decode()


async def test_a_server_is_called_as_often_as_it_likes_and_again_when_it_says_later(stage: Stage) -> None:
    await stage.start()
    await stage.email_template()
    refused = _email(stage, 1)
    stage.world.know(refused.person.profile_id, "nobody@shop.example")
    strange = _email(stage, 2)
    stage.world.know(strange.person.profile_id, "ann@localhost")
    await stage.sandbox.control(refuse_rate=1)
    await stage.publish([_email(stage, 3)])

    async def told_later() -> Any:
        message = await stage.message(3)
        return message and [a.provider_code for a in message.attempts if a.state == "refused"]

    assert (await until(told_later, DEADLINE_S))[0] == "4.3.2"
    await stage.sandbox.control(refuse_rate=0)
    await stage.publish([refused, strange])
    assert (await stage.reached(1, "REFUSED")).reason == "provider:5.1.1"
    assert (await stage.reached(2, "REFUSED")).reason == "provider:ADDRESS_INVALID"
    await stage.reached(3, "ACCEPTED")
    assert len(await stage.sandbox.mails()) == 1

    limit = pb.Limit(channel="email", account="smtp", per_second=10, source="test")
    await stage.call("SetLimit", pb.SetLimitRequest(limit=limit, request_id=str(new_id())))
    await stage.sandbox.control(rate_limit_per_s=20)
    await stage.publish([_email(stage, n) for n in range(10, 30)])
    for number in range(10, 30):
        await stage.reached(number, "ACCEPTED")
    assert len(await stage.sandbox.mails()) == 21
    assert "RATE_LIMITED" not in (await stage.sandbox.stats())["refused"]


async def test_a_mail_whose_answer_is_lost_is_unknown_and_never_sent_again(stage: Stage) -> None:
    await stage.start()
    await stage.email_template()
    await stage.sandbox.control(timeout_after_accept=1)
    await stage.publish([_email(stage, 1)])
    await stage.reached(1, "UNKNOWN")
    await stage.sandbox.control(timeout_before_accept=1)
    await stage.publish([_email(stage, 2)])
    await stage.reached(2, "UNKNOWN")

    async def nothing_left_to_do() -> bool:
        return await stage.queued() == 0

    await until(nothing_left_to_do, DEADLINE_S)
    (mail,) = await stage.sandbox.mails()
    assert mail["message_id"].startswith(f"<{stage.message_id(1)}@")
    for number in (1, 2):
        message = await stage.message(number)
        assert [(a.number, a.state) for a in message.attempts] == [(1, "unknown")]
    await _post_report(stage, 1, "5.2.2")
    assert (await stage.reached(1, "BOUNCED")).reason == "5.2.2"


async def test_a_bounce_closes_the_address_and_only_its_reader_can_tell_of_one(stage: Stage) -> None:
    await stage.start()
    await stage.email_template()
    await stage.sandbox.control(fail_rate=1, repeat_receipts=2)
    await stage.publish([_email(stage, 1)])
    assert (await stage.reached(1, "BOUNCED")).reason == "5.1.1"

    async def all_came() -> bool:
        return stage.world.callbacks == 3

    await until(all_came, DEADLINE_S)
    await stage.sandbox.control(fail_rate=0)
    again = _email(stage, 2, purpose="transactional")
    stage.world.know(again.person.profile_id, "n1@shop.example")
    await stage.publish([again, _email(stage, 3)])
    refused = await stage.reached(2, "REFUSED")
    assert refused.reason == "hard_bounce"
    assert [a.state for a in refused.attempts] == ["refused"]
    await stage.reached(3, "ACCEPTED")
    assert len(await stage.sandbox.mails()) == 2
    records = [r.meta.record_id for r in await stage.records()]
    assert len(records) == len(set(records))

    with pytest.raises(RemoteError) as refused:
        await _post_report(stage, 3, "5.1.1", secret="00" * 32)
    assert refused.value.reason == "SIGNATURE_INVALID"
    assert (await _post_report(stage, 3, "5.1.1", as_of=stage.message_id(9))).unknown == 1
    await stage.reached(3, "ACCEPTED")

    await stage.sandbox.control(complaint_rate=1)
    await stage.publish([_email(stage, 4)])
    assert (await stage.reached(4, "COMPLAINED")).reason == "abuse"
    assert (await _post_report(stage, 4, "5.1.1")).recorded == 0


async def _post_report(
    stage: Stage, number: int, status: str, *, secret: str = SECRET, as_of: str = ""
) -> Any:
    body = (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a\r\n\r\n"
        f"Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: {status}\r\n\r\n"
        "--x\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{as_of or stage.message_id(number)}@waypost.example>\r\n\r\n--x--\r\n"
    ).encode()
    account, stamp = f"smtp-{stage.workspace_id}", str(int(time.time()))
    mac = hmac.new(bytes.fromhex(secret), f"{stamp}.{account}.".encode() + body, sha256).hexdigest()
    headers = {
        "x-waypost-timestamp": stamp,
        "x-waypost-account": account,
        "x-waypost-signature": mac,
    }
    asked = pb.RecordCallbackRequest(channel="email", account="smtp", headers=headers, body=body)
    return await stage.call("RecordCallback", asked)
