"""What PostgreSQL itself can do with the same rows: the limit that the benchmarks compare with."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from chassis.ids import bucket_of, new_id

BATCH = 500
_PEOPLE = 20_000


class InsertLimit:
    """Bare inserts into a copy of profile's events table: its indexes, row-level security, the application role,
    rows of 300 bytes, one connection, one transaction a batch. Making the rows is not counted."""

    def __init__(self, app_url: str, owner_url: str, workspace_id: str) -> None:
        self._app_url = app_url
        self._owner_url = owner_url
        self._workspace_id = UUID(workspace_id)
        self._identities = [new_id() for _ in range(_PEOPLE)]
        self._rows = 0
        self._seconds = 0.0

    @property
    def per_s(self) -> float:
        return self._rows / self._seconds if self._seconds else 0.0

    async def prepare(self) -> None:
        owner = await asyncpg.connect(self._owner_url)
        try:
            for statement in _COPY:
                await owner.execute(statement)
        finally:
            await owner.close()

    async def measure(self, seconds: float) -> float:
        """Adds a stretch to the figure; rows a second of this stretch."""
        connection = await asyncpg.connect(self._app_url, server_settings={"jit": "off"})
        rows, spent = 0, 0.0
        try:
            while spent < seconds:
                batch = self._batch(rows)
                started = time.perf_counter()
                await connection.execute(f"BEGIN; SET LOCAL app.workspace_id = '{self._workspace_id}'")
                await connection.execute(_INSERT, self._workspace_id, *batch)
                await connection.execute("COMMIT")
                spent += time.perf_counter() - started
                rows += BATCH
        finally:
            await connection.close()
        self._rows += rows
        self._seconds += spent
        return rows / spent

    def _batch(self, start: int) -> list[list[Any]]:
        now = datetime.now(UTC)
        who = [self._identities[(start * 7 + n * 131) % _PEOPLE] for n in range(BATCH)]
        properties = (
            '{"product_id":"sku-1234","category":"kitchen","price":129.5,'
            '"url":"https://shop.example/category/81234","position":"12","list":"autumn"}'
        )
        return [
            [bucket_of(w) for w in who],
            [new_id() for _ in who],
            who,
            ["Product Viewed"] * BATCH,
            [now] * BATCH,
            [now] * BATCH,
            [f"limit-{start + n:012d}" for n in range(BATCH)],
            [str(w) for w in who],
            [properties] * BATCH,
            ["bench"] * BATCH,
            [""] * BATCH,
            [False] * BATCH,
        ]


_COPY = (
    "DROP TABLE IF EXISTS insert_limit",
    "CREATE TABLE insert_limit (LIKE events INCLUDING ALL)",
    "ALTER TABLE insert_limit ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE insert_limit FORCE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON insert_limit USING "
    "(workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid)",
    "GRANT SELECT, INSERT ON insert_limit TO profile_app",
)
_INSERT = """
INSERT INTO insert_limit (workspace_id, bucket, event_id, identity_id, name, event_time, accept_time, message_id,
                          identity_ids, properties, source, org_unit_id, historical)
SELECT $1, b, e, i, n, et, at, m, string_to_array(o, ',')::uuid[], p, s, u, h
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::boolean[])
  AS r (b, e, i, n, et, at, m, o, p, s, u, h)
ON CONFLICT DO NOTHING
"""
