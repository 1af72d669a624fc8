"""The queue: claims and leases. A system table: it names messages, never people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Database, Tx

from dispatch_service.domain.messages import Account
from dispatch_service.domain.settlement import Stage


@dataclass(frozen=True, slots=True)
class Taken:
    bucket: int
    message_id: UUID
    number: int


async def accounts_to_send(database: Database, now: datetime) -> list[Account]:
    """Accounts with a message whose turn has come. The limiter's rows are the list of all accounts."""
    async with database.connection() as connection:
        return _accounts(await connection.fetch(_TO_SEND, now))


async def accounts_overdue(database: Database, stage: Stage, now: datetime) -> list[Account]:
    """Accounts with an expired lease (`lease`), or with a message to ask about (`ask`)."""
    async with database.connection() as connection:
        return _accounts(await connection.fetch(_OVERDUE, stage, now))


async def take(
    tx: Tx, account: Account, stage: Stage, to: Stage, now: datetime, until: datetime, limit: int
) -> list[Taken]:
    """Moves up to `limit` due messages to stage `to` until `until`, when somebody else may have them."""
    found = await tx.fetch(_TAKE, *_of(account), stage, now, to, until, limit)
    return [Taken(row["bucket"], row["message_id"], row["number"]) for row in found]


async def sizes(database: Database) -> list[tuple[str, str, Stage, int]]:
    """(channel, account, stage, messages) over all workspaces, counting so many of each account's."""
    async with database.connection() as connection:
        found = await connection.fetch(_SIZES)
    return [(row["channel"], row["account"], row["stage"], row["messages"]) for row in found]


def _accounts(found: Sequence[Any]) -> list[Account]:
    return [Account(row["workspace_id"], row["channel"], row["account"]) for row in found]


def _of(account: Account) -> tuple[UUID, str, str]:
    return account.workspace_id, account.channel, account.name


_TO_SEND = """
SELECT workspace_id, channel, account FROM limiter l
WHERE EXISTS (
    SELECT FROM queue q
    WHERE q.workspace_id = l.workspace_id AND q.channel = l.channel AND q.account = l.account
      AND q.stage = 'send' AND q.not_before <= $1
)
"""
_OVERDUE = """
SELECT DISTINCT workspace_id, channel, account FROM (
    SELECT workspace_id, channel, account FROM queue
    WHERE stage = $1 AND stage <> 'send' AND not_before <= $2 ORDER BY not_before LIMIT 1000
) AS oldest
"""


_SIZES = """
SELECT l.channel, l.account, s.stage, sum(n.messages)::int AS messages
FROM limiter l CROSS JOIN (VALUES ('send'), ('lease'), ('ask')) AS s (stage)
CROSS JOIN LATERAL (
    SELECT count(*) AS messages FROM (
        SELECT FROM queue q WHERE q.workspace_id = l.workspace_id AND q.channel = l.channel
          AND q.account = l.account AND q.stage = s.stage
        LIMIT 10000
    ) AS queued
) AS n
GROUP BY 1, 2, 3
"""


def take_sql(*given: str) -> str:
    """SQL that moves due messages to another stage: parameters of workspace, channel, account, stage, now, next stage,
    until, limit."""
    workspace, channel, account, stage, now, to, until, limit = given
    # Not `IN (SELECT … FOR UPDATE SKIP LOCKED)`: a plan that runs the subquery again takes more than the limit.
    return f"""
    UPDATE queue SET stage = {to}, not_before = {until}
    WHERE workspace_id = {workspace} AND message_id = ANY (ARRAY (
        SELECT message_id FROM queue
        WHERE workspace_id = {workspace} AND channel = {channel} AND account = {account} AND stage = {stage}
          AND not_before <= {now}
        ORDER BY priority, not_before LIMIT {limit} FOR UPDATE SKIP LOCKED
    ))
    RETURNING bucket, message_id, number, priority
    """


_TAKE = take_sql("$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8")
