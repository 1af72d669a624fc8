"""Where a text lies in any database of the platform."""

from collections.abc import Collection

import asyncpg
from waypost_dev import names
from waypost_dev.stack import Stack


async def stored(stack: Stack, forms: Collection[tuple[str, str]]) -> set[tuple[str, str, str]]:
    """(service, table, name) wherever a row, shown as text, holds a form of what has the name. As the superuser."""
    found = set()
    for service in names.WITH_DATABASE:
        connection = await asyncpg.connect(stack.engines.postgres_url, database=f"waypost_{service}")
        try:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in tables:
                # A row is made a text once, not once a form.
                hits = await connection.fetch(
                    f'SELECT DISTINCT f.name FROM (SELECT t::text AS row FROM "{table}" t OFFSET 0) t '
                    "JOIN unnest($1::text[], $2::text[]) f(name, form) ON position(f.form IN t.row) > 0",
                    [name for name, _ in forms],
                    [form for _, form in forms],
                )
                found |= {(service, table, hit["name"]) for hit in hits}
        finally:
            await connection.close()
    return found
