"""Merging and splitting as the gateway asks for it: named by whatever identifier, repeated, at the same time as others."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument, NotFound, ServiceError, StateConflict
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.outbox import Outbox
from chassis.paging import Pages
from profile_service.api.identity_calls import IdentityServicer
from profile_service.phones import parse_phone
from profile_service.store.settings_in_force import SettingsInForce
from profile_service.usecases.erase_person import ErasePerson
from waypost.profile.v1 import identity_service_pb2 as pb
from waypost.profile.v1 import profile_service_pb2 as profile_pb

from tests.conftest import Databases
from tests.integration.silent_bus import SilentBus

from .doors import Doors
from .harness import Profile, call


class Desk(Doors):
    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        outbox = Outbox(profile.database, SilentBus("", "profile"))
        pages = Pages(Keyring(bytes(32)))
        self.identity = IdentityServicer(
            profile.database, profile.ciphers, pages, outbox, profile.clock, SettingsInForce(), parse_phone
        )

    async def identity_of(self, user: str) -> str:
        request = profile_pb.GetProfileRequest(identifier=key(user))
        return str((await self.people.GetProfile(request, None)).identity_id)

    async def merge(self, one: str, other: str, request_id: str = "") -> Any:
        request = pb.MergeProfilesRequest(
            profile_id=one, with_profile_id=other, reason="asked", request_id=request_id
        )
        return await self.identity.MergeProfiles(request, None)

    async def split(self, **asked: Any) -> Any:
        return await self.identity.SplitProfile(pb.SplitProfileRequest(**asked), None)

    async def merges(self, person: str) -> list[str]:
        answer = await self.people.ListMerges(profile_pb.ListMergesRequest(profile_id=person), None)
        return [one.merge_id for one in answer.merges]

    async def decisions(self) -> list[str]:
        answer = await self.identity.ListDecisions(pb.ListDecisionsRequest(), None)
        return [one.kind for one in answer.decisions]


def key(user: str) -> profile_pb.IdentifierKey:
    return profile_pb.IdentifierKey(type="user_id", value=user)


@pytest.fixture
async def desk(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Desk:
    made = Desk(Profile(await databases("profile"), ciphers, clock, workspace_id))
    await made.profile.take(*(call(f"m{n}", f"user_id:{n}") for n in "abc"))
    return made


async def test_an_identifier_is_the_same_whoever_has_it(desk: Desk) -> None:
    """So a call that is repeated after the merge is the same call, and a question can be about one of several."""
    a, b = [await desk.identity_of(user) for user in "ab"]
    first = await desk.merge(a, b, "r1")
    assert (await desk.get("user_id:b")).profile_id == first.profile_id == a
    assert [await desk.identity_of(user) for user in "ab"] == [a, b]
    assert await desk.merge(a, b, "r1") == first
    request = pb.ExplainIdentityRequest(profile_id=a, with_profile_id=b)
    path = (await desk.identity.ExplainIdentity(request, None)).path
    assert [(getattr(link, "from").value, link.to.value, link.kind) for link in path] == [
        ("a", "b", "by_hand")
    ]


async def test_of_the_same_decision_made_at_once_one_is_made(desk: Desk) -> None:
    a, b = [await desk.identity_of(user) for user in "ab"]

    async def outcomes(*tries: Any) -> list[str]:
        done = await asyncio.gather(*tries, return_exceptions=True)
        return sorted("made" if not isinstance(one, BaseException) else type(one).__name__ for one in done)

    both_ways = (desk.merge(*pair) for pair in [(a, b), (b, a)] * 3)
    assert await outcomes(*both_ways) == ["StateConflict"] * 5 + ["made"]
    [merge_id] = await desk.merges(a)
    splits = (desk.split(merge_id=merge_id, profile_id=a) for _ in range(4))
    assert await outcomes(*splits) == ["StateConflict"] * 3 + ["made"]
    assert await desk.decisions() == ["never_link", "always_link"]
    answer = await desk.identity.ListDecisions(pb.ListDecisionsRequest(), None)
    request = pb.UndoDecisionRequest(decision_id=answer.decisions[0].decision_id, reason="asked")
    undoing = (desk.identity.UndoDecision(request, None) for _ in range(4))
    assert await outcomes(*undoing) == ["StateConflict"] * 3 + ["made"]
    assert await desk.decisions() == ["undo", "never_link", "always_link"]


async def test_a_merge_is_taken_back_under_the_name_of_who_is_in_it(desk: Desk) -> None:
    a, b, c = [await desk.identity_of(user) for user in "abc"]
    await desk.merge(a, b)
    [merge_id] = await desk.merges(a)
    for asked, reason in ((merge_id, "another person's"), (str(new_id()), "no merge has this id")):
        with pytest.raises(NotFound, match=reason) as refused:
            await desk.split(merge_id=asked, profile_id=c)
        assert refused.value.metadata["field"] == "merge_id"
    with pytest.raises(InvalidArgument, match="list of the person's merges"):
        await desk.split(merge_id="yesterday's", profile_id=a)
    assert (await desk.split(merge_id=merge_id, profile_id=b)).split_profile_id == b


async def test_a_split_takes_all_that_is_named_or_nothing(desk: Desk) -> None:
    a, b, c = [await desk.identity_of(user) for user in "abc"]
    await desk.merge(a, b)
    for refused, named in (
        (StateConflict, {"identifiers": [key("b"), key("c")]}),
        (NotFound, {"identifiers": [key("b"), key("nobody")]}),
        (StateConflict, {"identity_ids": [b, c]}),
    ):
        with pytest.raises(refused) as said:
            await desk.split(profile_id=a, **named)
        assert said.value.metadata["field"].startswith("identifiers")
    assert await desk.decisions() == ["always_link"]
    assert (await desk.split(profile_id=a, identifiers=[key("b"), key("b")])).split_profile_id == b


async def test_who_is_unknown_has_no_merges_and_no_splits(desk: Desk) -> None:
    for method, request in (
        (desk.people.ListMerges, profile_pb.ListMergesRequest(profile_id=str(new_id()))),
        (desk.identity.ListSplits, pb.ListSplitsRequest(profile_id=str(new_id()))),
    ):
        with pytest.raises(NotFound):
            await method(request, None)


async def test_nothing_is_decided_about_somebody_who_is_being_erased(desk: Desk) -> None:
    """The erasure has begun; the decision waits for it, and then knows nobody."""
    a, b = [await desk.identity_of(user) for user in "ab"]
    database, workspace_id = desk.profile.database, desk.profile.workspace_id
    erase = ErasePerson(desk.profile.ciphers, desk.profile.clock)
    async with database.transaction(workspace_id) as tx:
        await erase(tx, UUID(b), new_id())
        deciding = asyncio.create_task(desk.merge(a, b))
        while not await tx.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not deciding.done()
    with pytest.raises(ServiceError, match="no person has this id"):
        await deciding
    assert await desk.decisions() == []
