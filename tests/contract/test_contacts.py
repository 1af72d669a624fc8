"""Where dispatch gets addresses from: the real profile service, and the double that dispatch's own tests run on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.paging import Pages
from consents import Scope
from dispatch_service.domain.messages import Contact
from dispatch_service.domain.messages import Scope as Asked
from dispatch_service.ports import Unavailable
from dispatch_service.remote import ProfileContacts
from profile_service.api.servicer import ProfileServicer
from profile_service.phones import parse_phone
from profile_service.store.consents import NewEntry
from profile_service.usecases.record_consents import Statement, record_consents
from waypost.profile.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server

from tests.contract.serving import peers_of
from tests.integration.dispatch.doubles import Profile as Double
from tests.integration.dispatch.doubles import World
from tests.integration.profile.harness import Profile as Ingestion
from tests.integration.profile.harness import call

SERVICE = "waypost.profile.v1.ProfileService"
SCOPES = [Asked("marketing"), *(Asked("marketing", f"topic{n}", "s1") for n in range(7))]
"""More than one call may ask about."""
PHONE, EMAIL = "+8613800000001", "ann@shop.example"


@dataclass
class Case:
    """People with a phone, with an e-mail address, with both, and with neither. Who has a phone only wants no
    marketing at it, which holds for whoever has the same one."""

    contacts: ProfileContacts
    workspace_id: UUID
    people: dict[str, UUID]

    async def of(self, channel: str, *names: str) -> dict[str, Contact]:
        asked = {(self.people[name], scope) for name in names for scope in SCOPES}
        found = await self.contacts.of(self.workspace_id, channel, asked)
        return {name: found[self.people[name]] for name in names if self.people[name] in found}


ADDRESSES = {"phone": [PHONE], "email": [EMAIL], "both": [PHONE, EMAIL], "neither": []}


@pytest.fixture(params=["double", "real"])
async def case(
    request: pytest.FixtureRequest,
    databases: Callable[[str], Awaitable[Database]],
    ciphers: Ciphers,
    clock: ManualClock,
    workspace_id: UUID,
) -> AsyncIterator[Case]:
    implementation: Double | ProfileServicer
    if request.param == "double":
        people = {name: new_id() for name in ADDRESSES}
        world = World()
        for name, addresses in ADDRESSES.items():
            for address in addresses:
                world.know(str(people[name]), address)
        # They share the number.
        for name in ("phone", "both"):
            world.refusals[str(people[name])] = {"marketing": "no_consent"}
        implementation = Double(world)
    else:
        database = await databases("profile")
        told = Ingestion(database, ciphers, clock, workspace_id)
        await told.take(*(call(name, f"user_id:{name}", **_traits(name)) for name in ADDRESSES))
        said = await told.take(*(call(f"{n}-seen", f"user_id:{n}", name="Seen") for n in ADDRESSES))
        people = {n: UUID(one.person.profile_id) for n, one in zip(ADDRESSES, said, strict=True)}
        withdrawal = NewEntry(new_id(), b"", Scope("sms", "marketing"), True, "", "", "", None, "")
        await database.run(
            workspace_id,
            lambda tx: record_consents(tx, [Statement(people["phone"], withdrawal)], clock.now()),
        )
        implementation = ProfileServicer(database, ciphers, Pages(Keyring(bytes(32))), parse_phone)
    async with peers_of("profile", SERVICE, add_ProfileServiceServicer_to_server, implementation) as peers:
        yield Case(ProfileContacts(peers), workspace_id, people | {"stranger": new_id()})


async def test_an_address_is_found_by_its_channel_and_whoever_has_none_is_missing(case: Case) -> None:
    asked = ("phone", "email", "both", "neither", "stranger")
    assert {n: c.address for n, c in (await case.of("sms", *asked)).items()} == dict.fromkeys(
        ("phone", "both"), PHONE
    )
    assert {n: c.address for n, c in (await case.of("email", *asked)).items()} == dict.fromkeys(
        ("email", "both"), EMAIL
    )
    assert await case.of("sms") == {}


async def test_an_address_has_one_key_whosever_it_is_and_no_other_has_it(case: Case) -> None:
    phones, emails = await case.of("sms", "phone", "both"), await case.of("email", "email", "both")
    assert phones["phone"].key == phones["both"].key
    assert emails["email"].key == emails["both"].key
    assert phones["phone"].key != emails["email"].key
    assert len(phones["phone"].key) >= 16


async def test_consent_comes_with_the_address_for_each_purpose(case: Case) -> None:
    scopes = [Asked("marketing"), Asked("transactional"), *SCOPES]
    asked = {(case.people[name], scope) for name in ("phone", "both", "email") for scope in scopes}
    for channel, refused in (("sms", ["no_consent", "no_consent"]), ("email", ["", ""])):
        found = await case.contacts.of(case.workspace_id, channel, asked)
        assert [one.refusals[Asked("marketing")] for one in found.values()] == refused
        assert {one.refusals[Asked("transactional")] for one in found.values()} == {""}
        assert all(one.refusals.keys() == set(scopes) for one in found.values())
        assert {one.version is None for one in found.values()} == {False}
        assert {profile_id: one.person for profile_id, one in found.items()} == {i: i.bytes for i in found}


async def test_more_than_five_hundred_people_are_not_answered(case: Case) -> None:
    with pytest.raises(Unavailable):
        await case.contacts.of(case.workspace_id, "sms", [(new_id(), SCOPES[0]) for _ in range(501)])


def _traits(name: str) -> dict[str, str]:
    return {"email" if "@" in address else "phone": address for address in ADDRESSES[name]}
