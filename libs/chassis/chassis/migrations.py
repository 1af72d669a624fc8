"""Alembic, run the same way in every service: one advisory lock, short lock waits, one transaction a migration.

Also the few DDL helpers that keep every service's schema to the conventions: row-level security enabled and
forced on tenant tables, rights for the application role, and the chassis's own tables.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import asyncpg
from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

_LOCK = 7_741_001


def upgrade(url: str, migrations: Path, revision: str = "head") -> None:
    """Brings the database at `url` (owner role) to the revision, the newest unless told otherwise."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    command.upgrade(config, revision)


def run_env() -> None:
    """What each service's migrations/env.py calls."""
    asyncio.run(_run(context.config.attributes["url"]))


async def _run(url: str) -> None:
    # The driver reads the URL itself, as in Database: it knows libpq's settings, sslmode and sslrootcert among them.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=partial(asyncpg.connect, url))
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate)
            await connection.commit()
    finally:
        await engine.dispose()


def _migrate(connection: Connection) -> None:
    connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def execute(*statements: str) -> None:
    """Runs each statement on its own, as a distributed PostgreSQL wants it."""
    for statement in statements:
        op.execute(text(statement))


def tenant_table(name: str, columns: str, *indexes: str) -> None:
    """Creates a table that only its workspace sees. `columns` lacks workspace_id, which comes first."""
    _tenant_table(name, columns, indexes)
    grant(name)


def append_only_table(name: str, columns: str, *indexes: str) -> None:
    """A tenant table whose rows the application may add and read, and neither change nor remove."""
    _tenant_table(name, columns, indexes)
    execute(f'GRANT SELECT, INSERT ON {name} TO "{app_role()}"')


def _tenant_table(name: str, columns: str, indexes: Sequence[str]) -> None:
    execute(
        f"CREATE TABLE {name} (workspace_id uuid NOT NULL, {columns})",
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {name} USING "
        "(workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid)",
        *(f"CREATE INDEX ON {name} {index}" for index in indexes),
    )


def system_table(name: str, columns: str, *indexes: str) -> None:
    """Creates a table without row-level security: no personal data may go there."""
    execute(f"CREATE TABLE {name} ({columns})", *(f"CREATE INDEX ON {name} {index}" for index in indexes))
    grant(name)


def grant(table: str) -> None:
    role = app_role()
    execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{role}"')


def grant_sequences() -> None:
    role = app_role()
    execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')


def app_role() -> str:
    """The owner is `<service>_owner`, the application `<service>_app`."""
    owner: str = op.get_bind().execute(text("SELECT current_user")).scalar_one()
    if not owner.endswith("_owner"):
        raise RuntimeError(f"migrations run as a role named <service>_owner, not {owner}")
    return owner.removesuffix("_owner") + "_app"


def chassis_tables() -> None:
    """Outbox, cursors, dead letters and answered requests: the first migration of every service makes them."""
    execute(f'GRANT USAGE ON SCHEMA public TO "{app_role()}"')
    system_table(
        "outbox",
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, workspace_id uuid NOT NULL, subject text NOT NULL, "
        "message_id text NOT NULL, payload bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), "
        "published_at timestamptz",
        "(id) WHERE published_at IS NULL",
    )
    system_table(
        "cursors",
        "stream text NOT NULL, incarnation timestamptz NOT NULL, lane text NOT NULL, partition int NOT NULL, "
        "seq bigint NOT NULL, PRIMARY KEY (stream, incarnation, lane, partition)",
    )
    execute("ALTER TABLE cursors SET (fillfactor = 50)")
    tenant_table(
        "dead_letters",
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text NOT NULL, seq bigint NOT NULL, "
        "record bytea NOT NULL, reason text NOT NULL, detail text NOT NULL, "
        "created_at timestamptz NOT NULL DEFAULT now()",
        "(workspace_id, id)",
    )
    tenant_table(
        "requests",
        "method text NOT NULL, request_id text NOT NULL, body_hash bytea NOT NULL, response bytea, "
        "created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (workspace_id, method, request_id)",
    )


def create_erasures() -> None:
    """What a service that holds something of people keeps of erasures. An identity's id leads to nobody once the person
    is erased."""
    tenant_table(
        "erased_identities",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, erasure_id uuid NOT NULL, erased_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id)",
        "(workspace_id, erasure_id)",
    )
    tenant_table(
        "erasures",
        "erasure_id uuid NOT NULL, heard_at timestamptz, finished_at timestamptz, erased jsonb NOT NULL DEFAULT '{}', "
        "PRIMARY KEY (workspace_id, erasure_id)",
    )
