"""What a database allows the application, and which of it a migration took away.

The catalog is compared, not the text of migrations: it says what a statement did, however it was written. While a
release goes out the one before works on the new schema, so a migration only adds what that one may ignore.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Column:
    type: str
    required: bool
    """An INSERT that leaves it out is refused."""
    nullable: bool


@dataclass(frozen=True)
class Schema:
    """Everything by table, or by table and name."""

    columns: dict[tuple[str, str], Column]
    rules: dict[tuple[str, str], str]
    """Constraints, unique indexes and row policies, as PostgreSQL prints them."""
    rights: frozenset[tuple[str, str, str]]
    """Table, role, privilege."""

    @property
    def tables(self) -> set[str]:
        return {table for table, _ in self.columns}


async def read(connection: Any) -> Schema:
    """The schema `public` of the database behind an asyncpg connection."""
    columns = await connection.fetch(_COLUMNS)
    rules = await connection.fetch(_RULES)
    rights = await connection.fetch(_RIGHTS)
    return Schema(
        {(r["table"], r["name"]): Column(r["type"], r["required"], r["nullable"]) for r in columns},
        {(r["table"], r["name"]): r["definition"] for r in rules},
        frozenset((r["table"], r["role"], r["privilege"]) for r in rights),
    )


def contracting(before: Schema, after: Schema) -> list[str]:
    """What the last release could do before and can do no more, a sentence each."""
    found = [f"the table {table} is gone" for table in before.tables - after.tables]
    for (table, name), was in before.columns.items():
        now = after.columns.get((table, name))
        if table in after.tables:
            found += _column_faults(f"the column {table}.{name}", was, now)
    for (table, name), now in after.columns.items():
        if table in before.tables and (table, name) not in before.columns and now.required:
            found.append(f"the new column {table}.{name} is NOT NULL without a default")
    for (table, name), rule in before.rules.items():
        if table in after.tables and after.rules.get((table, name)) != rule:
            found.append(f"the rule {name} of {table} is gone or changed: {rule}")
    for (table, name), rule in after.rules.items():
        if (
            table in before.tables
            and (table, name) not in before.rules
            and not _spares(before, after, table, rule)
        ):
            found.append(f"the new rule {name} of {table} may refuse what the last release writes: {rule}")
    for table, role, privilege in before.rights - after.rights:
        if table in after.tables:
            found.append(f"{role} may no longer {privilege} {table}")
    return sorted(found)


def _spares(before: Schema, after: Schema, table: str, rule: str) -> bool:
    """A unique index over a new column that may be NULL, as the last release leaves it: NULLs never collide."""
    new = [name for of, name in after.columns.keys() - before.columns.keys() if of == table]
    keys = (
        rule.removesuffix(")").rpartition("(")[2].split(", ")
        if rule.startswith("CREATE UNIQUE INDEX")
        else []
    )
    spared = [name for name in new if after.columns[table, name].nullable and name in keys]
    return bool(spared) and "NULLS NOT DISTINCT" not in rule


def _column_faults(what: str, was: Column, now: Column | None) -> list[str]:
    if now is None:
        return [f"{what} is gone"]
    faults = [f"{what} was {was.type} and is {now.type}"] if was.type != now.type else []
    if was.nullable and not now.nullable:
        faults.append(f"{what} is now NOT NULL")
    elif now.required and not was.required:
        faults.append(f"{what} has lost its default")
    return faults


_COLUMNS = """
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       NOT a.attnotnull AS nullable, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS required
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped
"""
_RULES = """
SELECT c.relname AS table, k.conname AS name, pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND k.contype <> 'n'
UNION ALL
SELECT c.relname, i.relname, pg_get_indexdef(x.indexrelid)
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND x.indisunique
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid)
UNION ALL
SELECT c.relname, p.polname, concat_ws(' ', p.polcmd, pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'public'::regnamespace
"""
_RIGHTS = """
SELECT c.relname AS table, pg_get_userbyid(a.grantee) AS role, a.privilege_type AS privilege
FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.grantee <> c.relowner
"""
