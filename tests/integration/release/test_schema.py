"""A migration that takes something from the release before is named; one that adds is not."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from waypost_dev.release import schema

from tests.conftest import Templates

FIRST = """
CREATE TABLE cups (id bigint PRIMARY KEY, tea text NOT NULL DEFAULT 'green', milk integer, maker text);
CREATE UNIQUE INDEX maker ON cups (maker);
CREATE TABLE pots (id bigint);
GRANT SELECT, INSERT ON cups TO scoring_app
"""
TAKEN = {
    "DROP TABLE pots": "the table pots is gone",
    "ALTER TABLE cups DROP COLUMN milk": "the column cups.milk is gone",
    "ALTER TABLE cups RENAME COLUMN milk TO cream": "the column cups.milk is gone",
    "ALTER TABLE cups ALTER COLUMN milk TYPE bigint": "the column cups.milk was integer and is bigint",
    "ALTER TABLE cups ALTER COLUMN milk SET NOT NULL": "the column cups.milk is now NOT NULL",
    "ALTER TABLE cups ALTER COLUMN tea DROP DEFAULT": "the column cups.tea has lost its default",
    "ALTER TABLE cups ADD COLUMN size text NOT NULL": "the new column cups.size is NOT NULL without a default",
    "ALTER TABLE cups ADD CONSTRAINT filled CHECK (milk > 0)": "the new rule filled of cups may refuse what the last "
    "release writes: CHECK ((milk > 0))",
    "CREATE UNIQUE INDEX one_tea ON cups (tea)": "the new rule one_tea of cups may refuse what the last release writes: "
    "CREATE UNIQUE INDEX one_tea ON public.cups USING btree (tea)",
    "DROP INDEX maker": "the rule maker of cups is gone or changed: "
    "CREATE UNIQUE INDEX maker ON public.cups USING btree (maker)",
    "CREATE POLICY mine ON cups USING (id > 0)": "the new rule mine of cups may refuse what the last release writes: "
    "* (id > 0)",
    "REVOKE INSERT ON cups FROM scoring_app": "scoring_app may no longer INSERT cups",
}
ADDED = """
ALTER TABLE cups ADD COLUMN size text, ADD COLUMN hot boolean NOT NULL DEFAULT true;
ALTER TABLE cups ALTER COLUMN tea DROP NOT NULL;
CREATE TABLE spoons (id bigint PRIMARY KEY CHECK (id > 0));
CREATE INDEX ON cups (size);
CREATE UNIQUE INDEX ON cups (tea, size)
"""


@pytest.fixture(scope="module")
async def connection(templates: Templates) -> AsyncIterator[Any]:
    opened = await asyncpg.connect(await templates.empty("scoring"))
    await opened.execute(FIRST)
    yield opened
    await opened.close()


async def after(connection: Any, statements: str) -> list[str]:
    before = await schema.read(connection)
    change = connection.transaction()
    await change.start()
    try:
        await connection.execute(statements)
        return schema.contracting(before, await schema.read(connection))
    finally:
        await change.rollback()


@pytest.mark.parametrize("statement", TAKEN)
async def test_what_is_taken_away_is_named(connection: Any, statement: str) -> None:
    assert await after(connection, statement) == [TAKEN[statement]]


async def test_what_is_added_is_welcome(connection: Any) -> None:
    assert await after(connection, ADDED) == []
