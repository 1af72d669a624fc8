"""The gateway's copy of the wrapped data keys."""

from collections.abc import Sequence

from chassis.data_keys import DataKey
from chassis.database import Database


class DataKeyStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[DataKey]:
        async with self._database.connection() as connection:
            rows = await connection.fetch("SELECT workspace_id, key_id, wrapped, created_at FROM data_keys")
        return [DataKey(*row) for row in rows]

    async def keep(self, keys: Sequence[DataKey]) -> None:
        """New ones, and known ones as they are wrapped now."""
        async with self._database.connection() as connection:
            await connection.execute(
                _KEEP,
                [k.workspace_id for k in keys],
                [k.key_id for k in keys],
                [k.wrapped for k in keys],
                [k.created_at for k in keys],
            )


_KEEP = """
INSERT INTO data_keys (workspace_id, key_id, wrapped, created_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::timestamptz[])
ON CONFLICT (workspace_id, key_id) DO UPDATE SET wrapped = excluded.wrapped
"""
