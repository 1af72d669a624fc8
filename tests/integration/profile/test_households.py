"""A generated town with known truth: nobody is merged wrongly, and nearly everybody is found whole."""

import random
from collections import Counter

from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.ids import new_id

from tests.conftest import Databases
from tests.households import Town, build, member_of, recall, wrong_merges
from tests.integration.profile.harness import START_MS, Profile, call
from tests.reference import Reference

FAMILIES = 40
STRONG = ("user_id", "member_id", "crm_id", "wechat_unionid", "phone", "wechat_openid", "email")


async def live(profile: Profile, town: Town, seed: int, size: int) -> Counter[str]:
    """Feeds the town in another order; refused links by reason, and what is shared."""
    records = random.Random(seed).sample(town.records, len(town.records))
    for start in range(0, len(records), size):
        await profile.take(
            *(call(s.message, *s.names, name="Seen", ms=s.at) for s in records[start : start + size])
        )
    async with profile.database.transaction(profile.workspace_id) as tx:
        rows = await tx.fetch("SELECT refused, count(*) FROM edges WHERE refused IS NOT NULL GROUP BY 1")
        shared = await tx.fetchval("SELECT count(DISTINCT identity_id) FROM ownerships")
    return Counter({r["refused"]: r["count"] for r in rows}) + Counter({"changed hands": shared})


async def check_town(profile: Profile, families: int, seed: int, size: int) -> dict[str, object]:
    town = build(families, seed, START_MS)
    guards = await live(profile, town, seed, size)
    people = await profile.names(town.records)
    doers = await profile.doers(town.records)
    wrong = wrong_merges(people, town)
    assert not wrong, wrong[0]
    # Whose a shared device is at the time: nobody's doing is taken for somebody else's who has names of their own.
    plain = Reference(said={s.message: s for s in town.records}, strong=STRONG,
                      unique=frozenset({"user_id", "member_id", "wechat_unionid", "wechat_openid"}),
                      most={"crm_id": 5, "phone": 5, "email": 5}).doers()  # fmt: skip
    assert doers == plain
    lone = [s for s in town.records if len(s.names) == 1 and s.names[0].startswith("device_id:")]
    strangers = [s for s in lone if member_of(town.doers[s.message]) not in doers[s.message]]
    assert not strangers, strangers[0]
    found = recall(people, town)
    assert found >= 0.95
    return {
        "people": len(set(town.doers.values())),
        "records": len(town.records),
        "recall": round(found, 4),
        "wrong_merges": len(wrong),
        "on_shared_devices": len(lone),
        "guards": dict(guards),
        "cases": {kind: len(some) for kind, some in town.cases.items()},
    }


async def test_nobody_in_town_is_merged_wrongly(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    profile = Profile(await databases("profile"), ciphers, clock, new_id())
    told = await check_town(profile, FAMILIES, seed=1, size=100)
    print(told)
    guards = told["guards"]
    assert isinstance(guards, dict)
    assert guards["unique"] > 10
    assert guards["changed hands"] > 10
