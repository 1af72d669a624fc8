"""A tablet that a shop's customers use one after the other: what is done on it is done by whoever was logged in, however
many they were, and whichever batch comes first."""

import asyncio
from uuid import UUID

import pytest
from chassis.bus import Source
from chassis.clock import ManualClock
from chassis.consumer import Batch
from chassis.crypto import Ciphers
from chassis.database import Tx

from tests.conftest import Databases
from tests.waiting import until

from .harness import Profile, call

TABLET = "device_id:tablet"
CUSTOMERS = 70
"""More than there are log-ins that are looked at to find the first owner."""


@pytest.fixture
async def profile(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Profile:
    return Profile(await databases("profile"), ciphers, clock, workspace_id)


def logs_in(customer: int, at: int) -> bytes:
    return call(f"l{customer}.{at}", f"member_id:m{customer}", TABLET, at=at)


def does(number: int, at: int) -> bytes:
    return call(f"e{number}", TABLET, name="Product Viewed", at=at)


async def doers(profile: Profile) -> dict[str, str]:
    """Event → who did it."""
    people = await profile.keys([TABLET, *(f"member_id:m{n}" for n in range(CUSTOMERS))])
    names = {identity: name for name, identity in people.items()}
    async with profile.database.transaction(profile.workspace_id) as tx:
        rows = await tx.fetch("SELECT message_id, identity_id FROM events")
    return {row["message_id"]: names[row["identity_id"]] for row in rows}


async def test_each_of_many_customers_did_what_they_did(profile: Profile) -> None:
    said = [record for n in range(CUSTOMERS) for record in (logs_in(n, 10 * n), does(n, 10 * n + 1))]
    for start in range(0, len(said), 9):
        await profile.take(*said[start : start + 9])
    expected = {f"e{n}": f"member_id:m{n}" for n in range(CUSTOMERS)}
    # What the first did is the tablet's own, which is theirs from birth.
    assert await doers(profile) == expected | {"e0": TABLET}
    # A log-in that was under way for long: the event behind it turns out to be somebody else's.
    late = CUSTOMERS // 2
    await profile.take(does(1000, 10 * late + 5), logs_in(3, 10 * late + 4))
    assert await doers(profile) == expected | {"e0": TABLET, "e1000": "member_id:m3"}
    await profile.take(logs_in(5, 10 * late))
    assert (await doers(profile))[f"e{late}"] in {"member_id:m5", f"member_id:m{late}"}


@pytest.mark.parametrize("first", ["event", "login"])
@pytest.mark.parametrize("owners", [1, 2])
async def test_an_event_and_the_log_in_before_it_may_be_worked_at_once(
    profile: Profile, first: str, owners: int
) -> None:
    await profile.take(*(logs_in(n, n) for n in range(owners)))
    records = {"event": does(0, 20), "login": logs_in(2, 10)}
    applied, go = asyncio.Event(), asyncio.Event()

    def batch(name: str) -> Batch:
        return Batch(profile.workspace_id, Source("INGEST", "live", 0), [records[name]])

    async def held_back(tx: Tx) -> None:
        await profile.handler.apply(tx, batch(first), None)
        applied.set()
        await go.wait()

    async def at_once(tx: Tx) -> None:
        await profile.handler.apply(tx, batch("login" if first == "event" else "event"), None)

    one = asyncio.create_task(profile.database.run(profile.workspace_id, held_back))
    await applied.wait()
    other = asyncio.create_task(profile.database.run(profile.workspace_id, at_once))

    async def waits_or_is_done() -> bool:
        async with profile.database.connection() as connection:
            waiting = await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return other.done() or bool(waiting)

    await until(waits_or_is_done, 20)
    go.set()
    await asyncio.gather(one, other)
    assert await doers(profile) == {"e0": "member_id:m2"}


async def test_who_logged_in_after_somebody_who_turns_out_to_be_another(profile: Profile) -> None:
    await profile.take(call("a", "crm_id:x", TABLET))
    await profile.take(call("b", "wechat_unionid:p", TABLET, at=5))
    await profile.take(call("c", "user_id:q", "wechat_unionid:p", TABLET, at=20))
    await profile.take(does(1, 30))
    # Older, so that p is r's, and what joined p with q joins them no more.
    await profile.take(call("d", "user_id:r", "wechat_unionid:p", at=1))
    people = await profile.keys(["user_id:q"])
    async with profile.database.transaction(profile.workspace_id) as tx:
        assert await tx.fetchval("SELECT identity_id FROM events") == people["user_id:q"]
