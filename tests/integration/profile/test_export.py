"""Everybody in pages, or those asked for, as GetProfile answers them."""

from uuid import UUID

import pytest
from chassis import context
from chassis.clock import ManualClock
from chassis.context import Tenant
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument
from chassis.keyring import Keyring
from chassis.paging import Pages
from profile_service.api.export_calls import ExportServicer
from profile_service.api.servicer import ProfileServicer
from profile_service.phones import parse_phone
from waypost.profile.v1 import export_service_pb2 as pb
from waypost.profile.v1 import profile_service_pb2 as profile_pb

from tests.conftest import Databases

from .harness import Profile, call


@pytest.fixture
async def profile(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Profile:
    context.enter(Tenant("gateway", workspace_id))
    return Profile(await databases("profile"), ciphers, clock, workspace_id)


async def test_everybody_is_in_some_page_once_as_they_are(profile: Profile) -> None:
    pages = Pages(Keyring(bytes(32)))
    servicer = ExportServicer(profile.database, profile.ciphers, pages)
    one_by_one = ProfileServicer(profile.database, profile.ciphers, pages, parse_phone)
    await profile.take(
        *(call(f"m{n}", f"crm_id:u{n}", f"phone:139{n:08}", city=f"c{n}", name_="x") for n in range(7)),
        call("join", "crm_id:u1", "crm_id:u2", city="late", at=9),
    )
    found, token = [], ""
    while True:
        answer = await servicer.ExportProfiles(pb.ExportProfilesRequest(page_size=2, page_token=token), None)
        found += answer.profiles
        token = answer.next_page_token
        if not token:
            break
    assert len(found) == 6
    assert [one.profile_id for one in found] == sorted({one.profile_id for one in found})
    for exported in found:
        asked = profile_pb.GetProfileRequest(profile_id=exported.profile_id)
        known = (await one_by_one.GetProfile(asked, None)).profile
        for alone in ("trait_sources", "event_counts", "order_sums", "accounts", "consents"):
            known.ClearField(alone)  # told of one person, not in a file
        assert exported == known
    other = Tenant("gateway", UUID(int=1))
    context.enter(other)
    assert not (await servicer.ExportProfiles(pb.ExportProfilesRequest(), None)).profiles


async def test_those_asked_for_come_in_full_when_that_is_asked(profile: Profile) -> None:
    servicer = ExportServicer(profile.database, profile.ciphers, Pages(Keyring(bytes(32))))
    await profile.take(call("a", "user_id:a", "email:anna@example.com"), call("b", "user_id:b", city="x"))
    everybody = (await servicer.ExportProfiles(pb.ExportProfilesRequest(), None)).profiles
    ids = [one.profile_id for one in reversed(everybody)]
    request = pb.ExportProfilesRequest(profile_ids=[*ids, str(UUID(int=7))], in_full=True)
    found = (await servicer.ExportProfiles(request, None)).profiles
    assert [one.profile_id for one in found] == ids
    [anna] = [one for one in found if one.contact_points]
    assert {one.value for one in anna.identifiers} == {"a", "anna@example.com"}
    assert [one.address for one in anna.contact_points] == ["anna@example.com"]
    masked = next(one for one in everybody if one.contact_points)
    assert [one.address for one in masked.contact_points] == ["a***@example.com"]
    with pytest.raises(InvalidArgument):
        await servicer.ExportProfiles(pb.ExportProfilesRequest(profile_ids=ids * 300), None)
