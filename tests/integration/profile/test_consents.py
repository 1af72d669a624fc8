"""The ledger of consents on a real database: what is recorded, what holds, and what dispatch is told."""

from datetime import timedelta
from uuid import UUID

import pytest
from chassis import context
from chassis.context import Tenant
from chassis.errors import InvalidArgument, NotFound
from waypost.profile.v1 import consent_pb2
from waypost.profile.v1 import consent_service_pb2 as pb

from .harness import call
from .ledger import GRANTED, WITHDRAWN, Ledger

FAMILY = "+8613800000009"


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
    [strong] = [i.identity_id for i in ann.identifiers if i.type == "user_id"]
    assert list(facts[1].identity_ids) == [strong]


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


async def test_a_device_takes_nobodys_word_to_another(ledger: Ledger) -> None:
    """Ann agrees; then her tablet turns out to have been Ben's first."""
    tablet = "device_id:tablet"
    await ledger.take(
        call("m1", "user_id:ann", tablet, phone="+8613800000001"),
        call("m2", "user_id:ben", phone="+8613800000002"),
    )
    await ledger.consents.SetConsentSettings(pb.SetConsentSettingsRequest(consent_required=True), None)
    await ledger.say("ann", GRANTED)
    assert await ledger.refusals("ann", "ben") == ["", "no_consent"]
    await ledger.take(call("m3", "user_id:ben", tablet, at=-60))
    assert (await ledger.person(tablet)).profile_id == (await ledger.person("ben")).profile_id
    assert await ledger.refusals("ann", "ben") == ["", "no_consent"]


async def test_what_a_visitor_said_before_logging_in_is_theirs_to_take_back(ledger: Ledger) -> None:
    cookie = "anonymous_id:c"
    await ledger.take(call("m1", cookie, phone="+8613800000001"))
    await ledger.say(cookie, WITHDRAWN)
    await ledger.take(call("m2", "user_id:ann", cookie, phone="+8613800000001"))
    assert await ledger.refusals("ann") == ["no_consent"]
    granted = await ledger.say("ann", GRANTED)
    assert set(subjects(granted).values()) == {""}
    assert await ledger.refusals("ann") == [""]


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
