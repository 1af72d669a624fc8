"""Identifiers of a batch of calls → the identities that own them, and the people these are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from chassis.ids import new_id

from profile_service.domain.calls import Call, Key
from profile_service.domain.identifiers import PERSONAL, Identifier, mask
from profile_service.domain.identity import IdentityPlan, Linked, Member, plan_identity
from profile_service.events import published
from profile_service.store import identifiers
from profile_service.store.identifiers import NewIdentifier
from profile_service.store.numbers import Numbers


@dataclass(frozen=True, slots=True)
class People:
    """What became of the identities of a batch."""

    of_key: dict[Key, Member]
    members: dict[UUID, Member]
    merged: list[published.Merged]
    newborn: frozenset[UUID]

    def strongest(self, keys: Sequence[Key]) -> Member:
        return self.members[self.of_key[keys[0]].identity_id]


class SettlePeople:
    def __init__(self, numbers: Numbers, clock: Clock) -> None:
        self._numbers = numbers
        self._clock = clock

    async def __call__(
        self, tx: Tx, calls: Sequence[Call], keys: Mapping[str, list[Key]], cipher: WorkspaceCipher
    ) -> People:
        """`keys`: those of each call, by message id, the strongest first."""
        values = {k: i for c in calls for k, i in zip(keys[c.message_id], c.identifiers, strict=True)}
        known = await identifiers.find(tx, values) if values else {}
        born = await self._give_birth(tx, {k: i for k, i in values.items() if k not in known}, cipher)
        if len(known) + len(born) < len(values):
            # A rival batch inserted some of them meanwhile, and has committed.
            known = await identifiers.find(tx, [k for k in values if k not in born])
        of_key = known | {
            n.key: Member(n.identity_id, n.identity_id, n.identity_no, 0) for n in born.values()
        }
        links = [
            Linked(c.message_id, tuple(dict.fromkeys(of_key[k].identity_id for k in keys[c.message_id])))
            for c in calls
        ]
        members = {m.identity_id: m for m in of_key.values()}
        plan = await self._plan_locked(tx, links, members)
        now = self._clock.now()
        if born:
            members |= await identifiers.insert_identities(tx, list(born.values()), plan.names, now)
        await identifiers.insert_edges(tx, plan.edges, now)
        merged = await self._apply_merges(tx, plan, members, calls)
        return People(of_key, members, merged, frozenset(n.identity_id for n in born.values()))

    async def _give_birth(
        self, tx: Tx, missing: dict[Key, Identifier], cipher: WorkspaceCipher
    ) -> dict[Key, NewIdentifier]:
        """Claims identifiers nobody had, each with an identity of its own."""
        if not missing:
            return {}
        await self._numbers.ensure(tx.workspace_id, len(missing))
        new = [
            NewIdentifier(
                key,
                cipher.seal(i.value.encode(), b"identifiers" + key[2]) if i.type in PERSONAL else None,
                new_id(),
                self._numbers.take(tx.workspace_id),
            )
            for key, i in missing.items()
        ]
        claimed = await identifiers.claim(tx, new, self._clock.now())
        return {n.key: n for n in new if n.key in claimed}

    async def _plan_locked(
        self, tx: Tx, links: Sequence[Linked], members: dict[UUID, Member]
    ) -> IdentityPlan:
        """Plans, locks the people concerned, looks again, until the plan is about what is locked.

        `members` is brought up to date in place.
        """
        locked: set[UUID] = set()
        while True:
            plan = plan_identity(links, members)
            if plan.people_concerned <= locked:
                return plan
            locked |= plan.people_concerned
            await identifiers.lock_people(tx, locked)
            members |= await identifiers.current(tx, [i for i, m in members.items() if not m.newborn])

    async def _apply_merges(
        self, tx: Tx, plan: IdentityPlan, members: dict[UUID, Member], calls: Sequence[Call]
    ) -> list[published.Merged]:
        if not plan.merges:
            return []
        before: dict[UUID, list[Member]] = {}
        losers = [p for m in plan.merges for p in m.loser_ids]
        for member in await identifiers.members_of(tx, losers):
            before.setdefault(member.profile_id, []).append(member)
        moved = await identifiers.rename(tx, plan.merges)
        members |= {i: m for i, m in moved.items() if i in members}
        by_message = {c.message_id: c for c in calls}
        merged, rows = [], []
        for planned in plan.merges:
            call = by_message[planned.message_id]
            merge_id = new_id()
            identity_ids = [m.identity_id for p in planned.loser_ids for m in before.get(p, [])]
            evidence = {"message_id": call.message_id, "identifiers": [_shown(i) for i in call.identifiers]}
            images = {str(p): [str(m.identity_id) for m in before.get(p, [])] for p in planned.loser_ids}
            rows.append((merge_id, planned, evidence, images))
            merged.append(published.Merged(merge_id, planned, [moved[i] for i in identity_ids], call))
        await identifiers.insert_merges(tx, rows, self._clock.now())
        return merged


def _shown(identifier: Identifier) -> dict[str, str]:
    value = mask(identifier.type, identifier.value) if identifier.type in PERSONAL else identifier.value
    return {"type": identifier.type, "scope": identifier.scope, "value": value}
