"""A change of settings: everybody known is what the plain way comes to under the new ones, without a fact coming again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.ids import new_id
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from profile_service.domain.identity_settings import SHIPPED, IdentitySettings
from profile_service.domain.identity_settings_form import write_settings
from profile_service.store import settings_in_force
from profile_service.usecases.resettle import MOST_LINKS, Resettle

from tests.conftest import Databases
from tests.integration.profile.harness import Profile
from tests.integration.profile.test_people_laws import history, owners, record
from tests.integration.silent_bus import SilentBus
from tests.reference import Reference

ONE_CRM_ID = tuple(replace(t, most=1) if t.name == "crm_id" else t for t in SHIPPED)
SETTINGS = {
    "tighter": (IdentitySettings(types=ONE_CRM_ID, cluster_cap=3), {"most": {"crm_id": 1}, "cap": 3}),
    "suspicious": (IdentitySettings(suspect_people=2), {"suspect": 2}),
}


@pytest.mark.parametrize(("seed", "most_links"), [(3, MOST_LINKS), (4, MOST_LINKS), (3, 0), (4, 0)])
async def test_everybody_is_looked_at_again_and_back_again(
    databases: Databases, ciphers: Ciphers, clock: ManualClock, seed: int, most_links: int
) -> None:
    profile = Profile(await databases("profile"), ciphers, clock, new_id())
    facts = history(seed)
    await profile.take(*map(record, facts))
    resettle = Resettle(
        profile.database, Outbox(profile.database, SilentBus("", "profile")), clock, LaneGate(1), most_links
    )
    changed = 0
    before = so_far = await profile.partition()
    for version, (wanted, plainly) in enumerate((*SETTINGS.values(), (IdentitySettings(), {}))):
        data = write_settings(wanted)

        async def save(tx: object, data: dict[str, object] = data, version: int = version) -> bool:
            return await settings_in_force.save(tx, data, version, clock.now(), "me")  # type: ignore[arg-type]

        assert await profile.database.run(profile.workspace_id, save)
        await resettle.workspace(profile.workspace_id)
        assert await profile.partition() == so_far
        clock.advance(timedelta(seconds=30))
        await resettle.workspace(profile.workspace_id)
        expected = Reference(said={s.message: s for s in facts}, **plainly)  # type: ignore[arg-type]
        so_far = await profile.partition()
        assert so_far == expected.people()
        assert await owners(profile) == expected.doers()
        changed += so_far != before
    assert so_far == before
    assert changed
