"""Facts, decisions by hand, changes of settings and crashes in any turn: after each, people are what the plain way comes
to, and in the end everything stored is what a rebuild from all facts says."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import NotFound, StateConflict
from chassis.ids import new_id
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from profile_service.domain.identity_settings import SHIPPED, IdentitySettings
from profile_service.domain.identity_settings_form import write_settings
from profile_service.store import settings_in_force
from profile_service.usecases.decide_people import Actor, DecidePeople
from profile_service.usecases.erase_person import ErasePerson
from profile_service.usecases.rebuild_people import rebuild_people
from profile_service.usecases.resettle import Resettle

from tests.conftest import Templates
from tests.integration.profile.harness import START_MS, Profile
from tests.integration.profile.test_decide_people import Desk
from tests.integration.profile.test_people_laws import history, owners, record
from tests.integration.silent_bus import SilentBus
from tests.reference import Reference, Said

SEEN: Counter[str] = Counter()
ME = Actor("operator", "because")
FEW_CRM_IDS = tuple(replace(t, most=2) if t.name == "crm_id" else t for t in SHIPPED)
WAYS: tuple[tuple[IdentitySettings, dict[str, Any]], ...] = (
    (IdentitySettings(), {}),
    (IdentitySettings(types=FEW_CRM_IDS, cluster_cap=4), {"most": {"crm_id": 2}, "cap": 4}),
    (IdentitySettings(suspect_people=3), {"suspect": 3}),
)
seeds = st.integers(0, 1 << 20)
crashes = st.none() | st.integers(0, 25)
"""Statements of the next transaction that still run."""


class Crash(Exception):
    pass


class Fragile(Database):
    """Ends the next transaction before its nth statement."""

    left: int | None = None

    @asynccontextmanager
    async def transaction(self, *arguments: Any, **options: Any) -> AsyncIterator[Tx]:
        async with super().transaction(*arguments, **options) as tx:
            for name in ("fetch", "fetchrow", "fetchval", "execute", "executemany", "copy"):
                setattr(tx, name, self._counted(getattr(tx, name)))
            yield tx

    def _counted(self, run: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def counted(*arguments: Any, **options: Any) -> Any:
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    raise Crash
            return await run(*arguments, **options)

        return counted


class People(RuleBasedStateMachine):
    """What the workspace may go through. Whoever adds a way to change who is one person adds a rule."""

    def __init__(self, runner: asyncio.Runner, database: Fragile, ciphers: Ciphers) -> None:
        super().__init__()
        self._runner = runner
        self._database = database
        self._ciphers = ciphers
        self._clock = ManualClock(datetime(2026, 11, 1, 12, tzinfo=UTC))
        self._workspace_id = new_id()
        self._way = 0
        self._version = 0
        self._erased: set[str] = set()
        """Names nobody says any more: what becomes of calls that do is tested for itself."""
        self._gone: set[str] = set()
        """Messages that went with their doers."""
        self._start()
        self._desk.said = {}

    def _start(self) -> None:
        """As a process does that knows nothing but the database."""
        before = self.__dict__.get("_desk")
        self._desk = Desk(
            Profile(self._database, self._ciphers, self._clock, self._workspace_id), self._clock
        )
        self._decide = DecidePeople(self._clock)
        if before is not None:
            self._desk.said, self._desk.open = before.said, before.open

    def _do(self, what: str, work: Callable[[], Awaitable[Any]], crash: int | None) -> None:
        """Does it, and after a crash does it again."""
        self._database.left = crash
        try:
            self._runner.run(self._step(work))
        except Crash:
            SEEN["crash"] += 1
            self._start()
            self._database.left = None
            self._runner.run(self._step(work))
        self._database.left = None
        SEEN[what] += 1
        self._runner.run(self._check())

    async def _step(self, work: Callable[[], Awaitable[Any]]) -> None:
        await work()

    @rule(seed=seeds, size=st.integers(1, 12), crash=crashes)
    def facts(self, seed: int, size: int, crash: int | None) -> None:
        facts = self._sayable(replace(s, message=f"{seed}-{s.message}") for s in history(seed)[:size])
        self._do("facts", lambda: self._desk.take(facts), crash)

    @rule(size=st.integers(3, 12), crash=crashes)
    def reception(self, size: int, crash: int | None) -> None:
        """One number for many."""
        at = START_MS + len(self._desk.said) * 1000
        facts = self._sayable(
            Said(f"r{len(self._desk.said)}-{n}", at + n, ("crm_id:desk", f"member_id:v{n}"))
            for n in range(size)
        )
        self._do("reception", lambda: self._desk.take(facts), crash)

    @rule(seed=seeds, kind=st.sampled_from(("merge", "split", "aside")), crash=crashes)
    def by_hand(self, seed: int, kind: str, crash: int | None) -> None:
        people = self._runner.run(self._desk.people())
        chance = random.Random(seed)
        chosen = WAYS[self._way][0]
        large = [p for p, some in people.items() if len(some) > 1]
        if kind == "merge" and len(people) > 1:
            one, other = chance.sample(sorted(people), 2)
            self._decided(kind, lambda tx: self._decide.merge(tx, chosen, one, other, ME), crash)
        elif kind == "split" and large:
            person = chance.choice(large)
            off = set(chance.sample(sorted(people[person]), chance.randint(1, len(people[person]) - 1)))
            self._decided(kind, lambda tx: self._decide.split(tx, chosen, person, off, ME), crash)
        elif people:
            identity = chance.choice([i for some in people.values() for i in some])
            state = chance.choice(("blocked", "released"))
            self._decided("aside", lambda tx: self._decide.set_aside(tx, chosen, identity, state, ME), crash)

    def _decided(self, kind: str, decide: Callable[[Tx], Awaitable[Any]], crash: int | None) -> None:
        self._do(kind, lambda: self._desk.run(decide), crash)

    @precondition(lambda self: self._desk.open)
    @rule(seed=seeds, crash=crashes)
    def undo(self, seed: int, crash: int | None) -> None:
        target = random.Random(seed).choice(self._desk.open)
        chosen = WAYS[self._way][0]

        async def work() -> None:
            try:
                await self._database.run(
                    self._workspace_id, lambda tx: self._decide.undo(tx, chosen, target, ME)
                )
            except StateConflict:
                SEEN["undone before"] += 1
            except NotFound:
                SEEN["erased before"] += 1

        self._do("undo", work, crash)

    @rule(way=st.integers(0, len(WAYS) - 1), seed=seeds, crash=crashes)
    def settings(self, way: int, seed: int, crash: int | None) -> None:
        """Other settings, and a batch of facts before everybody is looked at again."""
        wanted = WAYS[way][0]
        version, self._version, self._way = self._version, self._version + 1, way

        async def save(tx: Tx) -> None:
            assert await settings_in_force.save(tx, write_settings(wanted), version, self._clock.now(), "me")

        self._runner.run(self._step(lambda: self._database.run(self._workspace_id, save)))
        self._start()
        facts = self._sayable(replace(s, message=f"{seed}-{s.message}") for s in history(seed)[:3])
        self._runner.run(self._step(lambda: self._desk.take(facts)))

        async def resettle() -> None:
            # Whoever died at it is given up.
            self._clock.advance(timedelta(minutes=5))
            outbox = Outbox(self._database, SilentBus("", "profile"))
            await Resettle(self._database, outbox, self._clock, LaneGate(1)).workspace(self._workspace_id)

        self._do("settings", resettle, crash)

    @precondition(lambda self: len(self._erased) < 12)
    @rule(seed=seeds, crash=crashes)
    def erase(self, seed: int, crash: int | None) -> None:
        people = self._runner.run(self._desk.people())
        if len(people) < 2:
            return
        person = random.Random(seed).choice(sorted(people))
        names = frozenset(people[person].values())
        doers = self._runner.run(self._expected()).doers()
        self._gone |= {message for message, doer in doers.items() if doer & names}
        self._erased |= names
        erasure_id = new_id()
        erase = ErasePerson(self._ciphers, self._clock)
        self._do(
            "erase",
            lambda: self._database.run(self._workspace_id, lambda tx: erase(tx, person, erasure_id)),
            crash,
        )

    def _sayable(self, facts: Iterable[Said]) -> list[Said]:
        return [s for s in facts if not self._erased & set(s.names)]

    async def _check(self) -> None:
        expected = await self._expected()
        assert await self._desk.profile.partition() == expected.people()
        doers = expected.doers()
        found = await owners(self._desk.profile)
        assert not found.keys() & self._gone
        events = {m for m in doers if not m.startswith("given")} - self._gone
        assert {m: p for m, p in found.items() if m in doers} == {m: doers[m] for m in events}

    async def _expected(self) -> Reference:
        found = await self._desk.expected()
        async with self._database.transaction(self._workspace_id) as tx:
            rows = await tx.fetch("SELECT identity_id FROM set_aside WHERE state = 'suspected'")
        names = {i: n for person in (await self._desk.people()).values() for i, n in person.items()}
        # Suspicion follows from the facts: the plain way is not told of it.
        suspected: set[UUID] = {r["identity_id"] for r in rows}
        found.aside -= {names[i] for i in suspected}
        found.erased = frozenset(self._erased)
        for name, value in WAYS[self._way][1].items():
            setattr(found, name, value)
        SEEN["suspected"] += bool(suspected)
        return found

    def teardown(self) -> None:
        self._runner.run(self._end())

    async def _end(self) -> None:
        """Everything again changes nothing, and is what a rebuild says."""
        assert await self._desk.profile.take(*map(record, self._desk.said.values())) == []
        differ = await rebuild_people(self._database, self._workspace_id, WAYS[self._way][0])
        assert not len(differ.touched())
        SEEN["people"] += len(differ.rebuilt.graph.ids)


def play(templates: Templates, ciphers: Ciphers, examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        database = Fragile(runner.run(templates.copy("profile")), pool_size=4)
        runner.run(database.start())
        try:
            run_state_machine_as_test(
                lambda: People(runner, database, ciphers),
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    derandomize=True,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(database.stop())


def test_whatever_happens_people_are_what_the_plain_way_comes_to(
    templates: Templates, ciphers: Ciphers
) -> None:
    play(templates, ciphers, examples=10, steps=16)
    print(dict(SEEN))
    for step in (
        "facts",
        "reception",
        "merge",
        "split",
        "aside",
        "undo",
        "settings",
        "erase",
        "crash",
        "suspected",
    ):
        assert SEEN[step] > 0, step
    assert SEEN["crash"] > 5
