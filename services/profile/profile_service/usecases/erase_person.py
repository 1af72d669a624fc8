"""A person is removed, whole and at once; who is one person without them is looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import workspace_lock
from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.database import Tx
from chassis.errors import NotFound
from chassis.personal_data import holdings
from chassis.personal_data import store as erasures

from profile_service.domain.identity_settings import IdentitySettings
from profile_service.events import published, published_erasures
from profile_service.queries import people
from profile_service.store import (
    changes,
    erased,
    graph,
    identifiers,
    logins,
    resettling,
    search_keys,
    settings_in_force,
)
from profile_service.store.changes import Change
from profile_service.store.personal_data import HOLDINGS, OWNERSHIPS
from profile_service.usecases.apply_plan import Applied, apply_plan
from profile_service.usecases.load_slice import News
from profile_service.usecases.news import moves
from profile_service.usecases.search_keys_of import search_keys_of
from profile_service.usecases.settle_people import settle


@dataclass(frozen=True, slots=True)
class Erased:
    identity_ids: Sequence[UUID]
    held_back: int
    records: Sequence[bytes]
    """For PROFILE; none when the erasure was done before."""


class ErasePerson:
    def __init__(self, ciphers: Ciphers, clock: Clock) -> None:
        self._ciphers = ciphers
        self._clock = clock

    async def __call__(self, tx: Tx, profile_id: UUID, erasure_id: UUID) -> Erased:
        # Batches that know the person have ended, and those that come wait until they are gone.
        await workspace_lock.take_alone(tx)
        if await erasures.erasure(tx, erasure_id) is not None:
            ids = await erasures.identities(tx, erasure_id)
            return Erased(ids, len(await erased.hashes_of(tx, erasure_id)), ())
        person = await people.resolve(tx, profile_id)
        if person is None:
            raise NotFound("no person has this id", kind="profile")
        await identifiers.lock_people(tx, [person])
        members = await identifiers.members_of(tx, [person])
        ids = [m.identity_id for m in members]
        now, cipher = self._clock.now(), self._ciphers.of(tx.workspace_id)
        settings = await settings_in_force.current(tx)
        keys = await erased.keys_of(tx, ids)
        held_back = {erased.hash_of(key, cipher): settings.is_strong(key[0]) for key in keys}
        await erased.hold_back(tx, erasure_id, held_back, now)
        await search_keys.change(tx, (), await search_keys_of(tx, ids, cipher))
        others = await erased.take_off(tx, ids)
        counts = await holdings.erase(tx, HOLDINGS, ids)
        applied = await self._settle(tx, others, settings)
        counts |= await holdings.erase(tx, [OWNERSHIPS], ids)
        await erasures.note(tx, erasure_id, ids, counts, now)
        changes.record(tx, [Change(person, ("erased",), f"erasure:{erasure_id}"), *moves(applied)], now)
        naming = next(m for m in members if m.identity_id == person)
        records = [
            *published_erasures.erased(erasure_id, naming, ids, now),
            *published.moves(applied, {}, published.ByHand(now, now)),
        ]
        return Erased(ids, len(held_back), records)

    async def _settle(self, tx: Tx, others: set[UUID], settings: IdentitySettings) -> Applied:
        """Whoever was refused because of them, or used a device in turn with them. Who was under suspicion is judged by
        the facts that are left."""
        absolved = await resettling.absolve(tx, others) if others else set()
        rows = await graph.describe(tx, others) if others else {}
        strong = {i for i, row in rows.items() if settings.is_strong(row.key[0])}
        news = News(strong=strong, replayed=rows.keys() - strong)
        if absolved:
            news.replayed |= set(await logins.devices_of(tx, absolved))
        if not news:
            return Applied()
        loaded, plan = await settle(tx, news, settings)
        return await apply_plan(tx, loaded, plan, news, self._clock.now(), rule="erased", evidence={})
