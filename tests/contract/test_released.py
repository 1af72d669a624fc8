"""What the last release promised still holds: contracts, REST document, schemas. `released/` has it."""

import asyncio
import json
from pathlib import Path

import asyncpg
from chassis.migrations import upgrade
from waypost_dev.release import contracts, migrations, rest, schema

from tests.conftest import Templates

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "released"
SHIPPED: migrations.Shipped = json.loads((RELEASED / "migrations.json").read_text())


def test_the_contracts_keep_what_was_released() -> None:
    assert contracts.breaking(RELEASED / "contracts.binpb", ROOT / "protos") == []


def test_the_rest_document_keeps_what_was_released() -> None:
    assert rest.breaking(json.loads((RELEASED / "openapi.json").read_text()), rest.document()) == []


def test_shipped_migrations_are_as_they_were() -> None:
    assert migrations.edited(SHIPPED, ROOT) == []


async def test_newer_migrations_only_add(templates: Templates) -> None:
    """One that takes something away says at its top why nobody needs it any more: `contract = "…"`."""
    for service, newer in migrations.newer(SHIPPED, ROOT).items():
        owner = await templates.empty(service)
        folder = migrations.folders(ROOT)[service]
        last = folder / "versions" / max(SHIPPED[service])
        await asyncio.to_thread(upgrade, owner, folder, migrations.assigned(last, "revision"))
        for migration in newer:
            before = await _schema(owner)
            await asyncio.to_thread(upgrade, owner, folder, migrations.assigned(migration, "revision"))
            taken = schema.contracting(before, await _schema(owner))
            assert not taken or migrations.assigned(migration, "contract"), (
                f"{service} {migration.name}: {taken}"
            )


async def _schema(url: str) -> schema.Schema:
    connection = await asyncpg.connect(url)
    try:
        return await schema.read(connection)
    finally:
        await connection.close()
