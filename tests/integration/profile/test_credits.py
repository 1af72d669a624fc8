"""One-time credits of a mini-program's people."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from chassis.errors import InvalidArgument
from chassis.ids import new_id
from profile_service.api.credit_servicer import CreditServicer
from waypost.profile.v1 import consent_service_pb2 as pb
from waypost.profile.v1 import credit_service_pb2 as credit_pb

from .harness import call
from .ledger import Ledger


async def test_one_time_credits_belong_to_the_openid_that_gave_them(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann", "wechat_openid:o1"))
    ann = (await ledger.person("ann")).profile_id

    def grant(number: int, **change: Any) -> pb.GrantCreditRequest:
        request = pb.GrantCreditRequest(
            profile_id=ann, app_id="wx1", template_id="t1", count=2, request_id=f"c{number}"
        )
        for name, value in change.items():
            setattr(request, name, value)
        return request

    made = [(await ledger.consents.GrantCredit(grant(n), None)).grant for n in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
    short = grant(3)
    short.expire_time.FromDatetime(ledger.clock.now() + timedelta(seconds=5))
    await ledger.consents.GrantCredit(short, None)

    async def listed() -> int:
        answer = await ledger.consents.ListCredits(pb.ListCreditsRequest(profile_id=ann, page_size=9), None)
        return sum(one.count for one in answer.grants)

    assert await listed() == 6
    ledger.clock.advance(timedelta(seconds=5))
    assert await listed() == 4
    assert [r.consent.credit.count for r in await ledger.told()] == [2, 2, 2]
    for change in ({"app_id": "wx2"}, {"openid": "o9"}, {"count": 0}, {"template_id": ""}):
        with pytest.raises(InvalidArgument):
            await ledger.consents.GrantCredit(grant(9, **change), None)


async def test_messages_use_up_credits_once_each_and_never_more_than_there_are(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann", "wechat_openid:o1"), call("m2", "user_id:ben"))
    ann, ben = [(await ledger.person(user)).profile_id for user in ("ann", "ben")]
    for count, days in ((3, 0), (2, 1)):
        request = pb.GrantCreditRequest(
            profile_id=ann, app_id="wx1", template_id="t1", count=count, request_id=f"c{days}"
        )
        if days:
            request.expire_time.FromDatetime(ledger.clock.now() + timedelta(days=days))
        await ledger.consents.GrantCredit(request, None)
    door = CreditServicer(ledger.database, ledger.clock)

    async def use(*messages: str, person: str = ann) -> list[str]:
        wanted = [
            credit_pb.CreditWanted(message_id=m, profile_id=person, app_id="wx1", template_id="t1")
            for m in messages
        ]
        answer = await door.UseCredits(credit_pb.UseCreditsRequest(wanted=wanted), None)
        return [one.grant_id for one in answer.uses]

    async def shown() -> list[tuple[int, int]]:
        answer = await ledger.consents.ListCredits(pb.ListCreditsRequest(profile_id=ann), None)
        return sorted((one.count, one.used_count) for one in answer.grants)

    first = await use("a", "a", "b")
    assert first[0] == first[1]
    assert await shown() == [(2, 2), (3, 0)], "what expires is used before what does not"
    assert await use("x", person=ben) == await use("y", person=str(new_id())) == [""]
    # Many at the same time, some of them twice, want the three that are left.
    answers = await asyncio.gather(*(use(f"m{n % 8}", "a") for n in range(40)))
    assert {answer[1] for answer in answers} == {first[0]}
    used = {n % 8 for n, answer in enumerate(answers) if answer[0]}
    assert len(used) == 3
    assert await shown() == [(2, 2), (3, 3)]
    # Whoever the openid belongs to, what it used stays used.
    await ledger.take(call("m3", "user_id:ben", "user_id:ann", "wechat_openid:o1"))
    assert await use("m9", "a", "m9") == ["", first[0], ""]
    ledger.clock.advance(timedelta(days=1))
    assert await shown() == [(3, 3)]
    for wrong in ({"message_id": ""}, {"profile_id": "x"}):
        one = {"message_id": "a", "profile_id": ann} | wrong
        with pytest.raises(InvalidArgument):
            await door.UseCredits(credit_pb.UseCreditsRequest(wanted=[one]), None)
