"""Counts of a large workspace are estimates, near what they would be counted one by one."""

from uuid import UUID

from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from profile_service.queries import health

from tests.conftest import Databases

from .harness import Profile, call

PEOPLE = 600


async def test_a_part_of_the_people_tells_of_all(
    databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID
) -> None:
    profile = Profile(await databases("profile"), ciphers, clock, workspace_id)
    calls = [call(f"m{n}", f"member_id:m{n}", f"crm_id:r{n}", name="E") for n in range(PEOPLE)]
    await profile.take(*calls, *(call(f"a{n}", f"anonymous_id:v{n}") for n in range(PEOPLE)))
    async with profile.database.transaction(profile.workspace_id) as tx:
        whole = await health.health(tx)
        part = await health.health(tx, sample=PEOPLE)
        least = await health.health(tx, sample=1)
        known = [await health.well_known(tx, ["member_id", "crm_id"], n) for n in (health.SAMPLE, PEOPLE)]
    assert (whole.share, whole.profiles, whole.identities) == (1, 2 * PEOPLE, 3 * PEOPLE)
    assert dict(whole.sizes) == {1: PEOPLE, 2: PEOPLE}
    assert 0.1 < part.share < 0.5
    assert least.share == 1 / health.BUCKETS
    print(f"of {part.share:.0%}: {part}")
    for counted, estimate in (
        (whole.profiles, part.profiles),
        (whole.identities, part.identities),
        (whole.events, part.events),
        (PEOPLE, part.sizes[1]),
        (known[0], known[1]),
    ):
        assert abs(estimate - counted) < 0.4 * counted
