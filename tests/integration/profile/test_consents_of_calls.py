"""Consents that come with a call of the gateway's forms."""

import pytest
from chassis.clock import ManualClock, to_ms
from chassis.crypto import Ciphers
from chassis.errors import DataError
from chassis.ids import new_id
from waypost.profile.v1 import consent_pb2, ingest_pb2, profile_events_pb2
from waypost.profile.v1 import consent_service_pb2 as pb

from tests.conftest import Databases

from .harness import call
from .test_consents import GRANTED, WITHDRAWN, Ledger


@pytest.fixture
async def ledger(databases: Databases, ciphers: Ciphers, clock: ManualClock) -> Ledger:
    return Ledger(await databases("profile"), ciphers, clock, new_id())


def agreed(
    message_id: str, *identifiers: str, purpose: str = "marketing", phone: str = "", ms: int | None = None
) -> bytes:
    granted = ingest_pb2.GrantedConsent(
        scope=consent_pb2.ConsentScope(channel="sms", purpose=purpose),
        legal_basis="consent",
        text_version="v1",
        proof_json=b'{"form_id":"f"}',
    )
    said = ingest_pb2.IngestRecord(consents=[granted]).SerializeToString()
    data = {"phone": phone} if phone else {}
    return call(message_id, *identifiers, source="forms", ms=ms, **data) + said


async def entries(ledger: Ledger, user: str) -> pb.ListConsentsResponse:
    request = pb.ListConsentsRequest(profile_id=(await ledger.person(user)).profile_id)
    return await ledger.consents.ListConsents(request, None)


async def test_what_a_call_agrees_to_is_in_the_ledger_once(ledger: Ledger) -> None:
    said = agreed("m1", "user_id:ann", phone="+8613800000001")
    told = await ledger.take(call("m0", "user_id:ben"), said)
    await ledger.take(said)
    [entry] = (await entries(ledger, "ann")).entries
    assert (entry.state, entry.text_version, entry.source) == (GRANTED, "v1", "forms")
    assert entry.proof_json == b'{"form_id":"f"}'
    assert not (await entries(ledger, "ben")).entries
    [stated] = [one.consent.stated for one in told if one.HasField("consent")]
    assert _states(stated) == {("sms", False)}
    assert len(stated.subjects) == 2  # the person, and the phone that the same call brought


async def test_a_grant_opens_what_the_same_person_closed_and_nobody_elses_number(ledger: Ledger) -> None:
    phone = "+8613800000002"
    await ledger.take(call("m1", "user_id:ann", phone=phone))
    await ledger.say("ann", WITHDRAWN)
    # Whoever types Ann's number in a form is somebody else, and opens nothing for it.
    await ledger.take(agreed("m2", "anonymous_id:web", phone=phone))
    assert await ledger.refusals("ann", "anonymous_id:web") == ["no_consent", "no_consent"]
    # What Ann agreed to before she withdrew it opens nothing either; what she agrees to now does.
    await ledger.take(agreed("m3", "user_id:ann"))
    assert await ledger.refusals("ann") == ["no_consent"]
    await ledger.take(agreed("m4", "user_id:ann", ms=to_ms(ledger.clock.now()) + 1))
    assert await ledger.refusals("ann") == [""]


async def test_what_the_ledger_does_not_know_is_no_entry(ledger: Ledger) -> None:
    with pytest.raises(DataError, match="purpose"):
        await ledger.take(agreed("m1", "user_id:ann", purpose="fun"))


def _states(stated: profile_events_pb2.ConsentStated) -> set[tuple[str, bool]]:
    return {(one.channel, one.withdrawn) for one in stated.subjects}
