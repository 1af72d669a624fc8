"""The ledger of consents on a real database: what is recorded, what holds, and what dispatch is told."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis import context
from chassis.bus import Source
from chassis.clock import ManualClock
from chassis.consumer import Batch
from chassis.context import Tenant
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.outbox import Outbox
from chassis.paging import Pages
from profile_service.api.consent_servicer import ConsentServicer
from profile_service.api.credit_servicer import CreditServicer
from profile_service.api.servicer import ProfileServicer
from profile_service.phones import parse_phone
from profile_service.usecases.take_opt_outs import TakeOptOuts
from waypost.common.v1 import record_pb2
from waypost.dispatch.v1 import message_events_pb2
from waypost.profile.v1 import consent_pb2, profile_events_pb2
from waypost.profile.v1 import consent_service_pb2 as pb
from waypost.profile.v1 import credit_service_pb2 as credit_pb
from waypost.profile.v1 import profile_service_pb2 as profile_pb

from tests.conftest import Databases
from tests.integration.silent_bus import SilentBus

from .harness import Profile, call

GRANTED, WITHDRAWN = consent_pb2.CONSENT_STATE_GRANTED, consent_pb2.CONSENT_STATE_WITHDRAWN
FAMILY = "+8613800000009"


class Ledger(Profile):
    """People, and both doors to their consents."""

    def __init__(self, *made: Any) -> None:
        super().__init__(*made)
        self.clock: ManualClock = made[2]
        pages = Pages(Keyring(bytes(32)))
        outbox = Outbox(self.database, SilentBus("", "test"))
        self.people = ProfileServicer(self.database, self.ciphers, pages, parse_phone)
        self.consents = ConsentServicer(self.database, outbox, self.ciphers, pages, self.clock, parse_phone)
        context.enter(Tenant("gateway", self.workspace_id, actor="shop key"))

    async def person(self, user: str) -> profile_pb.Profile:
        kind, _, value = user.rpartition(":")
        key = profile_pb.IdentifierKey(type=kind or "user_id", value=value)
        return (await self.people.GetProfile(profile_pb.GetProfileRequest(identifier=key), None)).profile

    async def say(
        self, user: str, state: Any, purpose: str = "marketing", channel: str = "sms", **more: Any
    ) -> pb.RecordConsentResponse:
        self.clock.advance(timedelta(seconds=1))
        scope = consent_pb2.ConsentScope(channel=channel, purpose=purpose, topic=more.pop("topic", ""))
        basis = "consent" if state == GRANTED else ""
        request = pb.RecordConsentRequest(
            profile_id=(await self.person(user)).profile_id,
            scope=scope,
            state=state,
            legal_basis=basis,
            **{"source": "shop", "request_id": str(new_id()), **more},
        )
        return await self.consents.RecordConsent(request, None)

    async def refusals(self, *users: str, purpose: str = "marketing", **narrow: str) -> list[str]:
        """What dispatch hears of each when it asks for their phones."""
        contacts = await self.contacts(*users, purpose=purpose, **narrow)
        return [contact.consents[0].refusal for contact in contacts]

    async def contacts(self, *users: str, **scope: str) -> list[profile_pb.Contact]:
        request = profile_pb.BatchGetContactsRequest(
            profile_ids=[(await self.person(user)).profile_id for user in users],
            type="phone",
            consents=[consent_pb2.ConsentScope(channel="sms", **scope)],
        )
        return list((await self.people.BatchGetContacts(request, None)).contacts)

    async def told(self) -> list[profile_events_pb2.ProfileRecord]:
        """What went out on PROFILE by way of the outbox."""
        async with self.database.transaction(self.workspace_id) as tx:
            rows = await tx.fetch(
                "SELECT payload FROM outbox WHERE workspace_id = $1 ORDER BY id", tx.workspace_id
            )
        batches = [record_pb2.RecordBatch.FromString(row["payload"]) for row in rows]
        return [profile_events_pb2.ProfileRecord.FromString(raw) for b in batches for raw in b.records]


@pytest.fixture
async def ledger(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Ledger:
    return Ledger(await databases("profile"), ciphers, clock, workspace_id)


def subjects(answer: pb.RecordConsentResponse) -> dict[tuple[str, str], str]:
    return {(s.subject, s.purpose): s.refusal for s in answer.subjects}


async def test_what_was_said_last_holds_and_dispatch_is_told_of_everyone_concerned(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann", "device_id:d1", phone="+8613800000001"))
    ann = await ledger.person("ann")
    key = ann.contact_points[0].contact_key
    assert await ledger.refusals("ann") == [""]
    granted = await ledger.say("ann", GRANTED, proof_json=b'{"form": "checkout", "ip": "203.0.113.7"}')
    assert granted.in_force == GRANTED
    withdrawn = await ledger.say("ann", WITHDRAWN)
    assert withdrawn.in_force == WITHDRAWN
    ids = {UUID(i.identity_id).hex for i in ann.identifiers}
    assert subjects(withdrawn) == {(s, "marketing"): "no_consent" for s in (key, *ids)}
    assert await ledger.refusals("ann") == ["no_consent"]
    assert await ledger.refusals("ann", purpose="transactional") == [""]
    everything = await ledger.say("ann", WITHDRAWN, "", "")
    assert {(s.channel, s.purpose) for s in everything.subjects} == {
        (channel, purpose) for channel in ("sms", "email") for purpose in ("marketing", "transactional")
    }
    assert await ledger.refusals("ann", purpose="transactional") == ["no_consent"]
    again = await ledger.say("ann", GRANTED)
    assert subjects(again) == {(s, "marketing"): "" for s in (key, *ids)}
    assert min(s.version for s in again.subjects) > max(s.version for s in everything.subjects)
    assert await ledger.refusals("ann") == [""]
    # What was said before the last word changes nothing, and dispatch hears what holds.
    late = await ledger.say("ann", WITHDRAWN, given_time=granted.given_time)
    assert (late.in_force, set(subjects(late).values())) == (GRANTED, {""})
    assert await ledger.refusals("ann") == [""]
    facts = [record.consent.stated for record in await ledger.told()]
    assert [f.state for f in facts] == [GRANTED, WITHDRAWN, WITHDRAWN, GRANTED, WITHDRAWN]
    assert list(facts[1].subjects) == list(withdrawn.subjects)
    assert set(facts[1].identity_ids) == {i.identity_id for i in ann.identifiers}


async def test_a_number_of_four_people_is_closed_by_any_of_them_and_opened_by_the_same(
    ledger: Ledger,
) -> None:
    names = ("ann", "ben", "cleo")
    await ledger.take(*(call(name, f"user_id:{name}", phone=FAMILY) for name in names))
    await ledger.say("ann", GRANTED)
    await ledger.say("ben", WITHDRAWN)
    assert await ledger.refusals(*names) == ["no_consent"] * 3
    # Who comes to the number later, and who said no before having it, make no difference.
    await ledger.take(call("dora", "user_id:dora", city="x"))
    await ledger.say("dora", WITHDRAWN)
    await ledger.take(call("dora2", "user_id:dora", phone=FAMILY))
    key = (await ledger.person("ann")).contact_points[0].contact_key
    ben = await ledger.say("ben", GRANTED)
    assert subjects(ben)[key, "marketing"] == "no_consent"
    assert await ledger.refusals(*names) == ["no_consent"] * 3
    dora = await ledger.say("dora", GRANTED)
    assert subjects(dora)[key, "marketing"] == ""
    assert await ledger.refusals(*names, "dora") == [""] * 4
    # Only the number, said by who has it or by its address.
    at_number = await ledger.say("cleo", WITHDRAWN, contact_point="138 0000 0009")
    assert (at_number.contact_key, list(subjects(at_number))) == (key, [(key, "marketing")])
    assert await ledger.refusals("ann") == ["no_consent"]
    seen = (await ledger.person("ann")).consents
    assert [(c.contact_key, c.state) for c in seen] == [("", GRANTED), (key, WITHDRAWN)]
    assert subjects(await ledger.say("cleo", GRANTED))[key, "marketing"] == ""


async def test_people_who_turn_out_to_be_one_are_as_restricted_as_any_of_them(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann", phone="+8613800000001"), call("m2", "crm_id:old"))
    await ledger.say("crm_id:old", WITHDRAWN)
    await ledger.say("ann", GRANTED)
    assert await ledger.refusals("ann") == [""]
    await ledger.take(call("m3", "user_id:ann", "crm_id:old"))
    assert await ledger.refusals("ann") == ["no_consent"]
    await ledger.say("ann", GRANTED)
    assert await ledger.refusals("ann", "crm_id:old") == ["", ""]


async def test_a_workspace_may_want_a_grant_for_marketing(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann", phone="+8613800000001"))
    await ledger.consents.SetConsentSettings(pb.SetConsentSettingsRequest(consent_required=True), None)
    settings = (await ledger.consents.GetConsentSettings(pb.GetConsentSettingsRequest(), None)).settings
    assert settings.consent_required
    assert await ledger.refusals("ann") == ["no_consent"]
    assert await ledger.refusals("ann", purpose="transactional") == [""]
    await ledger.say("ann", GRANTED, topic="news")
    assert await ledger.refusals("ann") == ["no_consent"]
    await ledger.say("ann", GRANTED)
    assert await ledger.refusals("ann") == [""]


async def test_a_topic_and_an_org_unit_are_asked_about_with_the_version_that_the_answer_holds_for(
    ledger: Ledger,
) -> None:
    await ledger.take(call("m1", "user_id:ann", phone="+8613800000001"), call("m2", "user_id:ben"))
    news = {"purpose": "marketing", "topic": "news"}
    (contact,) = await ledger.contacts("ann", **news)
    assert (contact.consents[0].refusal, contact.consent_version) == ("", 0)
    withdrawn = await ledger.say("ann", WITHDRAWN, topic="news")
    # Nothing is closed but the topic; and dispatch is told that what it was answered may be out of date.
    assert {s.refusal for s in withdrawn.subjects} == {""}
    assert [await ledger.refusals("ann", topic=topic) for topic in ("news", "tips", "")] == [
        ["no_consent"],
        [""],
        [""],
    ]
    assert await ledger.refusals("ann", topic="news", org_unit_id="s1") == ["no_consent"]
    (contact, stranger) = await ledger.contacts("ann", "ben", **news)
    assert contact.consent_version == max(s.version for s in withdrawn.subjects)
    assert not stranger.consent_version
    assert not (await ledger.contacts("ann", purpose="marketing"))[0].HasField("consent_version")
    # All of it, and then the topic again.
    await ledger.say("ann", WITHDRAWN)
    await ledger.say("ann", GRANTED, topic="news")
    assert [await ledger.refusals("ann", topic=topic) for topic in ("news", "tips", "")] == [
        [""],
        ["no_consent"],
        ["no_consent"],
    ]


async def test_the_history_is_whole_and_a_repeat_adds_nothing(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann", "device_id:d1", phone="+8613800000001"))
    proof = b'{"form": "checkout"}'
    said = [await ledger.say("ann", GRANTED, text_version="v3", proof_json=proof)]
    said += [await ledger.say("ann", WITHDRAWN, topic=f"t{n}") for n in range(4)]
    assert {s.refusal for s in said[1].subjects} == {""}
    request = pb.RecordConsentRequest(
        profile_id=said[0].profile_id,
        scope=consent_pb2.ConsentScope(purpose="profiling"),
        state=WITHDRAWN,
        request_id="r1",
    )
    ledger.clock.advance(timedelta(seconds=1))
    said += [await ledger.consents.RecordConsent(request, None) for _ in range(2)]
    assert said[-1] == said[-2]
    entries, token = [], ""
    while True:
        asked = pb.ListConsentsRequest(profile_id=said[0].profile_id, page_size=4, page_token=token)
        page = await ledger.consents.ListConsents(asked, None)
        entries += page.entries
        if not (token := page.next_page_token):
            break
    assert [e.consent_id for e in reversed(entries)] == [one.consent_id for one in said[:-1]]
    first = entries[-1]
    assert (first.proof_json, first.text_version, first.recorded_by) == (proof, "v3", "shop key")
    assert first.given_time == said[0].given_time
    assert len(page.in_force) == 6
    person = await ledger.person("ann")
    assert person.no_profiling
    async with ledger.database.transaction(ledger.workspace_id) as tx:
        assert b"checkout" not in bytes(await tx.fetchval("SELECT sealed_proof FROM consents LIMIT 1"))
    context.enter(Tenant("gateway", ledger.workspace_id, org_units=("s9",)))
    with pytest.raises(NotFound):
        await ledger.consents.ListConsents(pb.ListConsentsRequest(profile_id=said[0].profile_id), None)


async def test_what_cannot_be_recorded_says_why(ledger: Ledger) -> None:
    await ledger.take(call("m1", "user_id:ann"))
    tomorrow = pb.RecordConsentRequest()
    tomorrow.given_time.FromDatetime(ledger.clock.now() + timedelta(days=1))
    long_ago = pb.RecordConsentRequest()
    long_ago.given_time.FromJsonString("1969-12-31T23:59:59Z")
    with pytest.raises(InvalidArgument):
        await ledger.say("ann", WITHDRAWN, given_time=long_ago.given_time)
    for field, more in {
        "proof": {"proof_json": b"[]"},
        "given_at": {"given_time": tomorrow.given_time},
        "contact_point": {"contact_point": "nobody"},
        "source": {"source": "x" * 129},
        "state": {"state": 0},
    }.items():
        with pytest.raises(InvalidArgument) as refused:
            await ledger.say("ann", more.pop("state", WITHDRAWN), **more)
        assert refused.value.metadata["field"] == field


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
