"""An erasure: everybody else is as if the person had never been, nothing of them is left, and they stay away."""

import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from chassis import personal_data
from chassis.bus import Source
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.ids import new_id
from profile_service.domain.consent import Scope
from profile_service.domain.identifiers import Identifier
from profile_service.phones import parse_phone
from profile_service.store import issues
from profile_service.store.consents import NewEntry
from profile_service.usecases.erase_person import ErasePerson
from profile_service.usecases.letters_of import LettersOf
from profile_service.usecases.readmit import Readmit
from waypost.profile.v1 import profile_events_pb2

from tests.conftest import Databases
from tests.integration.profile.harness import START_MS, Profile, call
from tests.integration.profile.test_people_laws import history, owners, record
from tests.reference import Reference, Said

ROUNDS = 8
REACHED: Counter[str] = Counter()


async def erase(profile: Profile, name: str, erasure_id: UUID | None = None) -> list[Any]:
    """Erases the person of that name; what is told on PROFILE."""
    ids = await profile.keys([name])
    use_case = ErasePerson(profile.ciphers, profile.clock)
    done = await profile.database.run(
        profile.workspace_id, lambda tx: use_case(tx, ids.get(name) or new_id(), erasure_id or new_id())
    )
    return [profile_events_pb2.ProfileRecord.FromString(r) for r in done.records]


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_others_are_as_if_the_person_had_never_been(
    databases: Databases, ciphers: Ciphers, clock: ManualClock, seed: int
) -> None:
    facts = history(seed)
    chooser = random.Random(seed)
    before = Reference(said={s.message: s for s in facts})
    person = chooser.choice(sorted(map(sorted, before.people())))
    after = Reference(said=before.said, erased=frozenset(person))
    gone = {message for message, doer in before.doers().items() if doer == frozenset(person)}
    profile = Profile(await databases("profile"), ciphers, clock, new_id())
    await profile.take(*map(record, facts))
    ids = await profile.keys(person)
    told = await erase(profile, person[0])
    [erased] = [r.erased for r in told if r.HasField("erased")]
    assert set(erased.identity_ids) == {str(i) for i in ids.values()}
    assert await profile.partition() == after.people()
    found = await owners(profile)
    assert not found.keys() & gone
    doers = after.doers()
    assert {m: p for m, p in found.items() if m in doers} == {m: p for m, p in doers.items() if m not in gone}
    # What named them as well comes again: nobody is born of it, and nobody joined.
    await profile.take(*map(record, facts))
    assert await profile.partition() == after.people()
    REACHED["erasures"] += 1
    REACHED["were refused with others"] += any(
        set(s.names) & set(person) and set(s.names) - set(person) for s in facts
    )
    REACHED["changed others"] += any(r.HasField("split") or r.HasField("merged") for r in told)


async def test_suspicion_goes_with_the_facts_that_gave_rise_to_it(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    """A reception's number named with twelve, of whom two are erased: ten may share it."""
    facts = [Said(f"r{n}", START_MS + n, ("crm_id:desk", f"member_id:v{n}")) for n in range(12)]
    facts += [Said(f"t{n}", START_MS + 100 + n, ("crm_id:desk", "device_id:tablet")) for n in range(2)]
    profile = Profile(await databases("profile"), ciphers, clock, new_id())
    await profile.take(*map(record, facts))
    gone: set[str] = set()
    suspected = []
    for name in ("member_id:v0", "member_id:v5", "member_id:v7"):
        await erase(profile, name)
        gone.add(name)
        expected = Reference(said={s.message: s for s in facts}, erased=frozenset(gone))
        assert await profile.partition() == expected.people()
        async with profile.database.transaction(profile.workspace_id) as tx:
            suspected.append(await tx.fetchval("SELECT count(*) FROM set_aside"))
    assert suspected == [1, 0, 0]
    assert frozenset({"crm_id:desk", "member_id:v1", "device_id:tablet"}) in await profile.partition()


def test_the_interesting_branches_were_reached() -> None:
    print(dict(REACHED))
    assert REACHED["were refused with others"] >= ROUNDS // 4


async def rows_with(profile: Profile, texts: list[str]) -> set[str]:
    """Tables in which a row of the workspace holds any of the texts, as it is or in bytes."""
    found = set()
    forms = [form for text in texts for form in (text, text.encode().hex())]
    async with profile.database.transaction(profile.workspace_id) as tx:
        tables = await tx.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('outbox', 'alembic_version')"
        )
        for (table,) in tables:
            if await tx.fetchval(
                f'SELECT EXISTS (SELECT FROM "{table}" t, unnest($1::text[]) f WHERE position(f IN t::text) > 0)',
                forms,
            ):
                found.add(table)
    return found


async def shop(databases: Databases, ciphers: Ciphers, clock: ManualClock) -> Profile:
    """Zoe, who shares a tablet with Ben."""
    profile = Profile(await databases("profile"), ciphers, clock, new_id())
    await profile.take(
        call(
            "m1",
            "user_id:zoe",
            "crm_id:z1",
            "device_id:zoes",
            city="zoecity",
            full_name="卓伊",
            phone="13912345678",
        ),
        call("m2", "user_id:zoe", "device_id:tablet", name="Seen", at=1, what="zoesaid"),
        call("m3", "user_id:ben", "device_id:tablet", name="Seen", at=5),
        call("m4", "user_id:zoe", name="Order Completed", at=6, order_id="zoeorder", total=5, currency="CNY"),
        call("m5", "device_id:tablet", name="Looked", at=7, what="bensaid"),
    )
    return profile


async def test_nothing_of_the_person_is_left(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    profile = await shop(databases, ciphers, clock)
    words = [
        "zoe",
        "z1",
        "zoecity",
        "zoesaid",
        "zoeorder",
        *map(str, (await profile.keys(["user_id:zoe"])).values()),
    ]
    assert await rows_with(profile, words) >= {"events", "identifiers", "trait_statements", "orders"}

    async def bury(tx: Any) -> None:
        letter = ciphers.of(profile.workspace_id).seal(call("m9", "crm_id:z1"), b"dead")
        other = ciphers.of(profile.workspace_id).seal(call("m8", "user_id:ben"), b"dead")
        await issues.bury(tx, "INGEST.live.0", [(letter, "x", ""), (other, "x", "")])

    await profile.database.run(profile.workspace_id, bury)
    erasure_id = new_id()
    await erase(profile, "user_id:zoe", erasure_id)
    assert await rows_with(profile, words) <= {"changes", "erased_identities"}
    async with profile.database.transaction(profile.workspace_id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM search_keys") == 0
        letters = await LettersOf(ciphers, parse_phone)(tx, erasure_id, ())
        assert await personal_data.store.drop_letters(tx, letters) == 1
        assert await tx.fetchval("SELECT count(*) FROM dead_letters") == 1
    assert await profile.partition() == {frozenset({"user_id:ben"})}
    # The same request again does nothing, and tells nobody.
    assert await erase(profile, "user_id:zoe", erasure_id) == []


async def test_the_person_does_not_come_back_by_themselves(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    profile = await shop(databases, ciphers, clock)
    await erase(profile, "user_id:zoe")
    alone = await profile.partition()
    await profile.take(
        call("n1", "user_id:zoe", city="again", ms=START_MS + 10**10),
        call("n2", "crm_id:z1", "member_id:new", name="Seen", at=9),
        call("n3", "device_id:zoes", name="Looked", at=2),
    )
    assert await profile.partition() == alone
    # Somebody known goes on, without what was hers.
    await profile.take(call("n4", "user_id:ben", "crm_id:z1", name="Seen", at=10))
    assert await profile.partition() == alone
    assert set(await owners(profile)) == {"m3", "m5", "n4"}
    # A device is nobody's name: what happens on it from now on is somebody's.
    later = int(clock.now().timestamp() * 1000) + 1
    await profile.take(call("n5", "device_id:zoes", name="Looked", ms=later))
    assert await profile.partition() == {*alone, frozenset({"device_id:zoes"})}
    async with profile.database.transaction(profile.workspace_id) as tx:
        counted = await tx.fetchval("SELECT sum(count) FROM ingestion_issues WHERE reason = 'person_erased'")
    assert counted == 4


async def test_a_consent_lets_them_begin_anew(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    profile = await shop(databases, ciphers, clock)
    old = (await profile.keys(["user_id:zoe"]))["user_id:zoe"]
    await erase(profile, "user_id:zoe")
    entry = NewEntry(new_id(), b"", Scope("sms", "marketing"), False, "consent", "2", "shop", None, "me")
    named = [Identifier("user_id", "", "zoe"), Identifier("crm_id", "", "z1")]
    readmit = Readmit(profile.handler, ciphers, clock)
    count, recorded, outgoing = await profile.database.run(
        profile.workspace_id, lambda tx: readmit(tx, named, entry, Source("INGEST", "live", 0))
    )
    assert (count, recorded.person.identity_id != old) == (2, True)
    told = [profile_events_pb2.ProfileRecord.FromString(r) for o in outgoing for r in o.records]
    assert [r.consent.stated.state for r in told if r.HasField("consent")] == [1]
    await profile.take(
        call("o1", "user_id:zoe", name="Seen", at=1),
        call("o2", "user_id:zoe", name="Seen", ms=int(clock.now().timestamp() * 1000)),
    )
    assert frozenset({"user_id:zoe", "crm_id:z1"}) in await profile.partition()
    assert "o1" not in await owners(profile)
    assert "o2" in await owners(profile)
