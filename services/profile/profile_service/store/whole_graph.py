"""Everything that says who is one person in a workspace, streamed into arrays: 45 bytes for each identifier, and 25 for
each edge; working on them takes as much again.

`COPY` sends rows of one width, which need no reading one by one.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from chassis.clock import to_ms
from chassis.database import Tx
from chassis.ids import bucket_of
from numpy.typing import NDArray

from profile_service.domain.calls import Key
from profile_service.domain.id_rows import NONE, Halves, IdRows, packed
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.partition import Edge, Pair
from profile_service.domain.whole_graph import Graph, never_links

_CHUNK = 1 << 20
_HEADER = 19
_EPOCH_2000_MS = 946_684_800_000
Take = Callable[[NDArray[Any]], None]


async def read(tx: Tx, settings: IdentitySettings) -> Graph:
    """What is committed when each table is read: who is being written about meanwhile may look different from what is
    so before and after."""
    ids, kind, scope = await _identities(tx, [t.name for t in settings.types if t.strong])
    person = np.full(len(ids), NONE, np.int64)

    def place(rows: NDArray[Any]) -> None:
        found = ids.find(_halves(rows["id"]))
        person[found[found != NONE]] = rows["no"][found != NONE]

    await _stream(tx, _MEMBERSHIPS, [("id", "2>u8"), ("no", ">i8")], place)
    edges: list[tuple[NDArray[Any], ...]] = []

    def connect(rows: NDArray[Any]) -> None:
        low, high = ids.find(_halves(rows["low"])), ids.find(_halves(rows["high"]))
        # An edge to a weak one, as the release before writes them, is a log-in.
        kept = (low != NONE) & (high != NONE)
        at = rows["at"] // 1000 + _EPOCH_2000_MS
        columns = (low, high, at, rows["by_hand"] != 0, rows["refusal"].astype(np.uint64))
        edges.append(tuple(column[kept] for column in columns))

    layout = [("low", "2>u8"), ("high", "2>u8"), ("at", ">i8"), ("by_hand", "i1"), ("refusal", ">u8")]
    await _stream(tx, _EDGES, layout, connect)
    connect(np.zeros(0, _dtype(layout)))
    low, high, at, by_hand, refusal = (np.concatenate(column) for column in zip(*edges, strict=True))
    edges.clear()
    rules = await tx.fetch(_NEVER, tx.workspace_id)
    never = never_links(
        ids,
        [r["rule_id"] for r in rules],
        packed(r["identity_id"] for r in rules),
        np.array([r["is_left"] for r in rules], np.bool_),
    )
    aside = await _aside(tx, ids)
    return Graph(ids, kind, scope, person, low, high, at, by_hand, refusal, never, *aside)


async def keys_of(tx: Tx, identity_ids: Collection[UUID]) -> dict[UUID, Key]:
    rows = await tx.fetch(_KEYS, tx.workspace_id, list(identity_ids))
    return {r["identity_id"]: (r["type"], r["scope"], r["value_key"]) for r in rows}


async def edges_between(tx: Tx, ends: Sequence[Pair]) -> list[Edge]:
    low, high = [p[0] for p in ends], [p[1] for p in ends]
    return [
        Edge(r["low_id"], r["high_id"], to_ms(r["event_time"]), r["message_id"])
        if r["rule_id"] is None
        else Edge(r["low_id"], r["high_id"], to_ms(r["ruled_at"]), str(r["rule_id"]), by_hand=True)
        for r in await tx.fetch(_BETWEEN, tx.workspace_id, [bucket_of(i) for i in low], low, high)
    ]


async def _identities(tx: Tx, strong: list[str]) -> tuple[IdRows, NDArray[np.int16], NDArray[np.uint32]]:
    ids: list[NDArray[Any]] = [np.zeros((0, 2), np.uint64)]
    kinds: list[NDArray[Any]] = [np.zeros(0, np.int16)]
    scopes: list[NDArray[Any]] = [np.zeros(0, np.uint32)]

    def keep(rows: NDArray[Any]) -> None:
        ids.append(_halves(rows["id"]))
        kinds.append(rows["kind"].astype(np.int16))
        scopes.append(rows["scope"].astype(np.uint32))

    layout = [("id", "2>u8"), ("kind", ">i2"), ("scope", ">i4")]
    await _stream(tx, _IDENTIFIERS, layout, keep, strong)
    found = IdRows(np.concatenate(ids))
    return found, np.concatenate(kinds)[found.order], np.concatenate(scopes)[found.order]


async def _aside(tx: Tx, ids: IdRows) -> list[NDArray[np.bool_]]:
    states = await tx.fetch(_SET_ASIDE, tx.workspace_id)
    found = []
    for state in ("blocked", "suspected", "released"):
        rows = ids.find(packed(r["identity_id"] for r in states if r["state"] == state))
        mask = np.zeros(len(ids), np.bool_)
        mask[rows[rows != NONE]] = True
        found.append(mask)
    return found


def _halves(column: NDArray[Any]) -> Halves:
    return column.astype(np.uint64)


def _dtype(layout: Sequence[tuple[str, str]]) -> np.dtype[Any]:
    """A row of COPY's binary format: the number of fields, and before each its length."""
    return np.dtype([("", ">i2"), *(f for name, kind in layout for f in ((f"_{name}", ">i4"), (name, kind)))])


async def _stream(
    tx: Tx, query: str, layout: Sequence[tuple[str, str]], take: Take, *arguments: object
) -> None:
    """`layout`: names and formats of the columns, none of which is ever null. Takes about a megabyte at a time."""
    row = _dtype(layout)
    buffer = bytearray()
    skip = _HEADER

    def hand_on() -> None:
        nonlocal skip
        whole = (len(buffer) - skip) // row.itemsize
        if whole > 0:
            take(np.frombuffer(bytes(buffer[skip : skip + whole * row.itemsize]), row))
            del buffer[: skip + whole * row.itemsize]
            skip = 0

    async def receive(data: bytes) -> None:
        buffer.extend(data)
        if len(buffer) >= _CHUNK:
            hand_on()

    await tx.copy(query, tx.workspace_id, *arguments, output=receive, format="binary")
    hand_on()


_IDENTIFIERS = """
SELECT identity_id, array_position($2::text[], type)::smallint - 1::smallint, hashtext(scope)
FROM identifiers WHERE workspace_id = $1 AND type = ANY($2::text[])
"""
_MEMBERSHIPS = """
SELECT identity_id, profile_no FROM memberships
WHERE workspace_id = $1 AND through IS NULL AND valid_to = 'infinity'
"""
_EDGES = """
SELECT low_id, high_id, event_time, rule_id IS NOT NULL,
       CASE WHEN refused IS NULL THEN '\\x0000000000000000'
            ELSE substr(sha256(convert_to(refused || ' ' || detail, 'UTF8')), 1, 8) END
FROM edges WHERE workspace_id = $1 AND NOT weak
"""
_NEVER = "SELECT rule_id, identity_id, is_left FROM never_links WHERE workspace_id = $1"
_SET_ASIDE = "SELECT identity_id, state FROM set_aside WHERE workspace_id = $1"
_KEYS = """
SELECT i.* FROM unnest($2::uuid[]) AS k (id) CROSS JOIN LATERAL (
  SELECT identity_id, type, scope, value_key FROM identifiers WHERE workspace_id = $1 AND identity_id = k.id LIMIT 1
) i
"""
_BETWEEN = """
SELECT e.* FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS k (bucket, low, high) CROSS JOIN LATERAL (
  SELECT low_id, high_id, event_time, message_id, rule_id, ruled_at FROM edges
  WHERE workspace_id = $1 AND bucket = k.bucket AND low_id = k.low AND high_id = k.high OFFSET 0
) e
"""
