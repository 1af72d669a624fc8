"""Every table of every service, as the application's role: another workspace sees nothing, changes nothing, adds nothing."""

import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from chassis.database import Database, Tx
from chassis.ids import new_id
from waypost_dev.names import WITH_DATABASE

SERVICES = sorted({*WITH_DATABASE} - {"sandbox"})
SYSTEM = {
    # Asked before a workspace is known or for all at once: ids, hashes, encoded batches, times, wrapped keys, and nothing
    # of a person. A public link is a random token, printed on posters, and the id of a form or code.
    "all": {"alembic_version", "outbox", "cursors"},
    "gateway": {"job_queue", "workspaces", "api_keys", "member_logins", "data_keys", "public_links"},
    "profile": {"number_blocks", "retention_walks", "order_searches", "order_revaluations", "data_keys"},
    "segment": {"builds"},
    "journey": {"timers"},
    "scoring": set(),
    "dispatch": {"queue", "limiter"},
}
"""Tables without row-level security, by service. One more is a decision: say here why it may be."""

VALUES: dict[str, Any] = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "bytea": "'x'::bytea",
    "smallint": "1",
    "integer": "1",
    "bigint": "1",
    "double precision": "1",
    "numeric": "1",
    "boolean": "true",
    "timestamp with time zone": "now()",
    "timestamp with time zone[]": "ARRAY[now()]",
    "date": "current_date",
    "interval": "interval '1 s'",
    "jsonb": "'{}'::jsonb",
    "text[]": "ARRAY['x']",
    "uuid[]": "ARRAY[gen_random_uuid()]",
    "bigint[]": "ARRAY[1::bigint]",
    "smallint[]": "ARRAY[1::smallint]",
}


async def tables(tx: Tx) -> dict[str, Any]:
    rows = await tx.fetch(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    return {row["relname"]: row for row in rows}


async def forget_checks(database: Database, service: str) -> None:
    """Any value of a column's type will do for a row that only has to be there."""
    owner = await asyncpg.connect(database._url.replace(f"{service}_app", f"{service}_owner"))
    try:
        for row in await owner.fetch(
            "SELECT conrelid::regclass::text AS place, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
            " AND connamespace = 'public'::regnamespace"
        ):
            await owner.execute(f"ALTER TABLE {row['place']} DROP CONSTRAINT {row['conname']}")
    finally:
        await owner.close()


async def row_for(tx: Tx, table: str) -> str:
    """An INSERT of one row of the transaction's workspace; `$1` is the workspace's id."""
    columns = await tx.fetch(
        "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute "
        "WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull "
        "AND attidentity = '' AND attgenerated = '' AND attname <> 'workspace_id' AND NOT atthasdef",
        table,
    )
    names = ", ".join(["workspace_id", *(f'"{column["attname"]}"' for column in columns)])
    values = ", ".join(["$1", *(VALUES[column["type"]] for column in columns)])
    return f"INSERT INTO {table} ({names}) VALUES ({values})"


@pytest.mark.parametrize("service", SERVICES)
async def test_a_table_is_of_its_workspace_alone(service: str, databases: Any) -> None:
    database: Database = await databases(service)
    mine, other = new_id(), new_id()
    async with database.transaction(mine) as tx:
        known = await tables(tx)
    open_to_all = SYSTEM["all"] | SYSTEM[service]
    guarded = {name for name, row in known.items() if row["relrowsecurity"] and row["relforcerowsecurity"]}
    assert known.keys() - guarded == open_to_all & known.keys()
    assert guarded
    await forget_checks(database, service)
    for table in sorted(guarded):
        await a_strangers_try(database, table, mine, other)


async def a_strangers_try(database: Database, table: str, mine: UUID, other: UUID) -> None:
    async with database.transaction(mine) as tx:
        insert = await row_for(tx, table)
        await tx.execute(insert, mine)
        whole = await everything(tx, table)
    assert len(whole) == 1, table
    async with database.transaction(other) as tx:
        assert await everything(tx, table) == [], table
        assert await tx.fetchval(f"SELECT count(*) FROM {table} WHERE workspace_id = $1", mine) == 0
    for statement in (
        f"UPDATE {table} SET workspace_id = $1",
        f"DELETE FROM {table} WHERE workspace_id <> $1",
    ):
        try:
            async with database.transaction(other) as tx:
                assert (await tx.execute(statement, other)).endswith(" 0"), (table, statement)
        except asyncpg.InsufficientPrivilegeError:
            pass  # nobody may do that here
    for workspace in (mine, UUID(int=0)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with database.transaction(other) as tx:
                await tx.execute(insert, workspace)
    async with database.connection() as connection:
        rows = await connection.fetch(f"SELECT * FROM {table}")
        assert rows == [], f"{table}: shown to whoever names no workspace"
    async with database.transaction(mine) as tx:
        assert await everything(tx, table) == whole, table


async def everything(tx: Tx, table: str) -> list[str]:
    rows = await tx.fetch(f"SELECT to_jsonb(t) AS row FROM {table} t")
    return [json.dumps(row["row"], sort_keys=True) for row in rows]


@pytest.mark.parametrize("service", SERVICES)
async def test_the_role_of_the_application_governs_nothing(service: str, databases: Any) -> None:
    database: Database = await databases(service)
    async with database.connection() as connection:
        role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = current_user")
        owned = await connection.fetchval("SELECT count(*) FROM pg_class WHERE relowner = $1", role["oid"])
        inherits = await connection.fetchval(
            "SELECT count(*) FROM pg_auth_members WHERE member = $1", role["oid"]
        )
        may_create = await connection.fetchval("SELECT has_schema_privilege('public', 'CREATE')")
    assert role["rolname"] == f"{service}_app"
    rights = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
    assert not any(role[right] for right in rights)
    assert (owned, inherits, may_create) == (0, 0, False)
