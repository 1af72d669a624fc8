"""Two million links between identifiers, with a fixed seed, and the tables that hold them."""

from typing import Any
from uuid import UUID

import numpy as np
from chassis.ids import bucket_of, timed_id
from numpy.typing import NDArray
from profile_service.domain.id_rows import IdRows, packed
from profile_service.domain.identity_settings import SHIPPED
from profile_service.domain.whole_graph import Graph, Rebuilt, never_links

START_MS = 1_790_000_000_000
EPOCH_2000_MS = 946_684_800_000
# Of each person: how likely they have one, beside a member id. Named with the member id.
OTHERS = (("phone", 1.0), ("wechat_unionid", 0.9), ("wechat_openid", 0.9), ("email", 0.6), ("crm_id", 0.6))
EDGES_A_PERSON = 4.04
HOUSEHOLD = 3
SHARE_A_PHONE = 0.05
"""Of households."""
RECYCLED = 0.01
"""Of numbers."""
RECEPTION = 200
"""Members who left the same phone on one day, of each reception."""
WRONG = 1000
_KIND = {t.name: n for n, t in enumerate(SHIPPED)}


class Country:
    def __init__(self, edges: int) -> None:
        chance = np.random.default_rng(7)
        people = int(edges / EDGES_A_PERSON)
        # Identifiers by number: the members first, then those of each other type.
        self._kinds = [np.full(people, _KIND["member_id"], np.int16)]
        self._values = [np.arange(people)]
        member, other = [], []
        number = people
        for kind, share in OTHERS:
            who = np.flatnonzero(chance.random(people) < share)
            member.append(who)
            other.append(number + np.arange(len(who)))
            self._kinds.append(np.full(len(who), _KIND[kind], np.int16))
            self._values.append(who)
            if kind == "phone":
                phones = other[-1]
            number += len(who)
        sharing = np.flatnonzero(chance.random(people // HOUSEHOLD) < SHARE_A_PHONE) * HOUSEHOLD
        for one in range(1, HOUSEHOLD):
            member.append(sharing + one)
            other.append(phones[sharing])
        given = chance.random(people) < RECYCLED
        member.append(chance.integers(0, people, int(given.sum())))
        other.append(phones[given])
        for reception in range(people // 50_000):
            member.append(chance.integers(0, people, RECEPTION))
            other.append(np.full(RECEPTION, phones[reception]))
        self._one, self._other = np.concatenate(member), np.concatenate(other)
        # As if each person came at a moment of their own; whoever shares or is given a number comes later.
        self._at = START_MS + np.arange(len(self._one)) * 1000
        _, first = np.unique(self._one * number + self._other, return_index=True)
        self._one, self._other, self._at = self._one[first], self._other[first], self._at[first]
        self.ids = [timed_id(START_MS + n, str(n)) for n in range(number)]
        self._packed = packed(self.ids)
        self._kind = np.concatenate(self._kinds)
        self._value = np.concatenate(self._values)
        self.person: NDArray[np.int64] = np.arange(number)

    def key(self, number: int) -> tuple[str, str, bytes]:
        kind = SHIPPED[self._kind[number]].name
        return kind, "wx1" if kind == "wechat_openid" else "", b"v%d" % self._value[number]

    def message(self, at: int) -> str:
        return f"m{at}"

    def graph(self) -> Graph:
        ids = IdRows(self._packed)
        none = np.zeros(len(ids), np.bool_)
        row = np.empty(len(ids), np.int32)
        row[ids.order] = np.arange(len(ids))
        scope = (self._kind == _KIND["wechat_openid"]).astype(np.uint32)
        one, other = row[self._one], row[self._other]
        return Graph(
            ids,
            self._kind[ids.order],
            scope[ids.order],
            np.arange(len(ids)),
            *self._by_id(one, other),
            self._at,
            np.zeros(len(one), np.bool_),
            np.zeros(len(one), np.uint64),
            never_links(ids, [], packed([]), none[:0]),
            none,
            none,
            none,
        )

    def _by_id(self, one: NDArray[Any], other: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Numbers grow as ids do: the member's is the lower."""
        return one, other

    def store(self, found: Rebuilt) -> list[UUID]:
        """Everybody is with whom they belong to, but some. Those are returned."""
        self.person[found.graph.ids.order] = found.group
        wrong = np.linspace(0, len(self.person) - 1, WRONG).astype(np.int64)
        self.person[wrong] = self.person[(wrong + 17) % len(self.person)]
        return [self.ids[n] for n in wrong.tolist()]

    def identifiers(self) -> Any:
        for n, identity in enumerate(self.ids):
            kind, scope, value = self.key(n)
            yield bucket_of(value), kind, scope, value, identity, bucket_of(identity)

    def memberships(self) -> Any:
        for identity, person in zip(self.ids, self.person.tolist(), strict=True):
            yield bucket_of(identity), identity, self.ids[person], person

    def edges(self) -> Any:
        for one, other, at in zip(self._one.tolist(), self._other.tolist(), self._at.tolist(), strict=True):
            low = self.ids[one]
            yield bucket_of(low), low, self.ids[other], at, self.message(at)


async def load(owner: Any, workspace_id: UUID, country: Country) -> None:
    """As the owner: COPY into a table with row-level security in force is refused."""
    for table, columns, rows in (
        ("identifiers", _IDENTIFIERS, country.identifiers()),
        ("memberships", _MEMBERSHIPS, country.memberships()),
        ("edges", _EDGES, country.edges()),
    ):
        await owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        await owner.copy_records_to_table(
            table, columns=("workspace_id", *columns), records=_tuples(table, workspace_id, rows)
        )
        await owner.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        await owner.execute(f"ANALYZE {table}")


def _tuples(table: str, workspace_id: UUID, rows: Any) -> Any:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    for row in rows:
        if table == "identifiers":
            yield (workspace_id, *row, now)
        elif table == "memberships":
            yield (workspace_id, *row, 1)
        else:
            bucket, low, high, at, message = row
            yield workspace_id, bucket, low, high, datetime.fromtimestamp(at / 1000, UTC), message


_IDENTIFIERS = ("bucket", "type", "scope", "value_key", "identity_id", "identity_bucket", "created_at")
_MEMBERSHIPS = ("bucket", "identity_id", "profile_id", "profile_no", "version")
_EDGES = ("bucket", "low_id", "high_id", "event_time", "message_id")
