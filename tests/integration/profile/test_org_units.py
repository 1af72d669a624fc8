"""Who is confined to org units sees the people whom these know, and nobody else."""

from uuid import UUID

import pytest
from chassis import context
from chassis.clock import ManualClock
from chassis.context import Tenant
from chassis.crypto import Ciphers
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.paging import Pages
from profile_service.api.servicer import ProfileServicer
from profile_service.phones import parse_phone
from waypost.profile.v1 import profile_service_pb2 as pb

from tests.conftest import Databases

from .harness import Profile, call


@pytest.fixture
async def profile(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Profile:
    return Profile(await databases("profile"), ciphers, clock, workspace_id)


async def test_an_org_unit_knows_the_people_that_its_calls_named(profile: Profile) -> None:
    await profile.take(
        call("m1", "user_id:anna", "device_id:d1", unit="s1", city="x"),
        call("m2", "user_id:ben", unit="s2"),
        call("m3", "user_id:cleo"),
        call("m4", "device_id:d1", name="Seen", unit="s2"),
    )
    servicer = ProfileServicer(profile.database, profile.ciphers, Pages(Keyring(bytes(32))), parse_phone)

    async def shown(name: str) -> bool:
        key = pb.IdentifierKey(type="user_id", value=name)
        try:
            answer = await servicer.GetProfile(pb.GetProfileRequest(identifier=key), None)
            await servicer.ListMerges(pb.ListMergesRequest(profile_id=answer.profile.profile_id), None)
        except NotFound:
            return False
        return True

    async def seen(*units: str) -> set[str]:
        context.enter(Tenant("gateway", profile.workspace_id, org_units=units))
        return {name for name in ("anna", "ben", "cleo") if await shown(name)}

    assert await seen() == {"anna", "ben", "cleo"}
    assert await seen("s1") == {"anna"}
    assert await seen("s2") == {"anna", "ben"}
    assert await seen("s3") == set()
    # A person is known to every org unit that knows one of their identities.
    await profile.take(call("m5", "crm_id:7", unit="s2"), call("m6", "user_id:cleo", "crm_id:7"))
    assert await seen("s2") == {"anna", "ben", "cleo"}
    for nobody in ("", str(new_id())):
        with pytest.raises(NotFound):
            await servicer.ListMerges(pb.ListMergesRequest(profile_id=nobody), None)
