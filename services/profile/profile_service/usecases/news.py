"""What a transaction turns out to change of people, kept for those who search and those who follow the feed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.crypto import WorkspaceCipher
from chassis.database import Tx

from profile_service.domain.calls import Call, ContactPoint, Key
from profile_service.domain.search_terms import Term, address_terms, name_terms
from profile_service.store import changes, search_keys
from profile_service.store.changes import Change
from profile_service.store.facts import ContactRow
from profile_service.store.search_keys import SearchKey
from profile_service.usecases.apply_plan import Applied
from profile_service.usecases.settle_people import People

_IDENTIFIERS = ("identifiers",)
_CREATED = ("created", *_IDENTIFIERS)


def moves(applied: Applied) -> list[Change]:
    """Of people who turned out to be one, or not to be one."""
    found = [Change(merge.winner_id, ("merged",), f"merge:{i}") for i, merge, _ in applied.merges]
    for split_id, split, _ in applied.splits:
        found += [Change(p, ("split",), f"split:{split_id}") for p in (split.from_id, split.to_id)]
    return found


class News:
    def __init__(self, cipher: WorkspaceCipher) -> None:
        self._cipher = cipher
        self._changed: dict[UUID, tuple[tuple[str, ...], str]] = {}
        self._added: list[SearchKey] = []
        self._gone: list[SearchKey] = []

    def of_people(self, people: People, calls: Iterable[Call], keys: Mapping[str, Sequence[Key]]) -> None:
        """Identifiers met for the first time, and people who turned out to be one."""
        if people.newborn:
            members = people.applied.members
            for call in calls:
                cause = f"message:{call.message_id}"
                for key in keys[call.message_id]:
                    identity_id = people.of_key[key]
                    if identity_id in people.newborn:
                        alone = members[identity_id].profile_id == identity_id
                        self.note(identity_id, _CREATED if alone else _IDENTIFIERS, cause)
        for change in moves(people.applied):
            self.note(change.identity_id, tuple(change.changed), change.cause)

    def of_contacts(self, fresh: Iterable[tuple[ContactRow, ContactPoint, Call]]) -> None:
        """Addresses that their identities did not have."""
        for row, point, call in fresh:
            self.note(row.identity_id, ("contact_points",), f"message:{call.message_id}")
            self._added += self._keys(row.identity_id, address_terms(point.type, point.address))

    def of_names(self, identity_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Personal traits of an identity, as they were and as they are."""
        if before == after:
            return
        had, has = (name_terms(traits) if traits else set() for traits in (before, after))
        self._added += self._keys(identity_id, has - had)
        self._gone += self._keys(identity_id, had - has)

    def note(self, identity_id: UUID, changed: tuple[str, ...], cause: str) -> None:
        """Of an identity that several causes change, the feed tells the first."""
        if changed:
            known = self._changed.get(identity_id)
            self._changed[identity_id] = (changed, cause) if known is None else (known[0] + changed, known[1])

    async def keep(self, tx: Tx, now: datetime) -> None:
        await search_keys.change(tx, self._added, self._gone)
        changes.record(tx, [Change(i, {*what}, cause) for i, (what, cause) in self._changed.items()], now)

    def _keys(self, identity_id: UUID, terms: Iterable[Term]) -> list[SearchKey]:
        return [SearchKey.of(t.kind, self._cipher.search_token(*t), identity_id) for t in terms]
