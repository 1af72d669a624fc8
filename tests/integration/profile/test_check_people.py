"""What is stored wrongly is found by working everybody out again, and settled when the settings are put again."""

from datetime import timedelta
from uuid import UUID

from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.database import Tx
from chassis.ids import new_id
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.store import settings_in_force
from profile_service.usecases.check_people import Checked, check_people
from profile_service.usecases.resettle import Resettle

from tests.conftest import Databases
from tests.integration.profile.harness import START_MS, Profile
from tests.integration.profile.test_people_laws import record
from tests.integration.silent_bus import SilentBus
from tests.reference import Said

HOUR = 3_600_000
NAMED = [
    ("member_id:anna", "crm_id:1"),
    ("member_id:anna", "wechat_unionid:a"),
    ("member_id:ben", "crm_id:2"),
    ("member_id:ben", "wechat_unionid:a"),
    *((f"member_id:m{n}", "crm_id:desk") for n in range(12)),
]


async def test_what_is_stored_wrongly_is_found_and_mended(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    profile = Profile(await databases("profile"), ciphers, clock, new_id())
    said = [Said(f"m{n:02}", START_MS + n * HOUR, names) for n, names in enumerate(NAMED)]
    await profile.take(*map(record, said))
    people = await profile.partition()

    async def checked() -> Checked:
        return await check_people(profile.database, profile.workspace_id, IdentitySettings())

    right = await checked()
    assert right == Checked(
        identifiers=18, links=16, people=len(people), refused=13, misplaced=0, misjudged=0, unsuspected=0
    )
    ids = await profile.keys({n for names in NAMED for n in names})

    async def spoil(tx: Tx) -> None:
        await tx.execute("DELETE FROM set_aside")
        await tx.execute("UPDATE edges SET refused = 'limit' WHERE refused = 'unique'")
        # Anna's number in the CRM is Ben's.
        await tx.execute(
            "UPDATE memberships m SET profile_id = b.profile_id, profile_no = b.profile_no FROM memberships b "
            "WHERE m.identity_id = $1 AND b.identity_id = $2",
            ids["crm_id:1"],
            ids["member_id:ben"],
        )

    await profile.database.run(profile.workspace_id, spoil)
    wrong = await checked()
    assert (wrong.misplaced, wrong.misjudged, wrong.unsuspected) == (5, 1, 1)

    async def put_again(tx: Tx) -> bool:
        return await settings_in_force.save(tx, {}, 0, clock.now(), "me")

    assert await profile.database.run(profile.workspace_id, put_again)
    clock.advance(timedelta(seconds=30))
    outbox = Outbox(profile.database, SilentBus("", "profile"))
    await Resettle(profile.database, outbox, clock, LaneGate(1)).workspace(profile.workspace_id)
    assert await checked() == right
    assert await profile.partition() == people


async def test_others_people_are_none_of_its_business(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    database = await databases("profile")
    await Profile(database, ciphers, clock, new_id()).take(record(Said("m", START_MS, NAMED[0])))
    found = await check_people(database, UUID(int=1), IdentitySettings())
    assert found == Checked(0, 0, 0, 0, 0, 0, 0)
