"""Intentions and their messages: written once, with a place in the queue."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chassis.database import Tx

from dispatch_service.domain.messages import Account, Intention, MessageState

DEFAULT_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
"""Date of the limit row made on an account's first use: any limit that was ever set is newer."""


async def add(
    tx: Tx, intentions: Sequence[Intention], account: Account, priority: int, per_second: int, now: datetime
) -> None:
    """Stores what is new and queues it; an intention seen before changes nothing. All are of one account."""
    columns = list(zip(*[_values(one) for one in intentions], strict=True))
    await tx.execute(
        _ADD,
        tx.workspace_id,
        account.channel,
        account.name,
        priority,
        now,
        *columns,
        per_second,
        DEFAULT_SINCE,
    )


async def add_refused(tx: Tx, intentions: Sequence[Intention], reason: str, now: datetime) -> list[Intention]:
    """Stores intentions that no account can carry, refused; answers the new ones."""
    columns = list(zip(*[_values(one) for one in intentions], strict=True))
    found = await tx.fetch(_ADD_REFUSED, tx.workspace_id, MessageState.REFUSED, reason, "", now, *columns)
    new = {row["message_id"] for row in found}
    return [one for one in intentions if one.message_id in new]


def of_row(row: Any) -> Intention:
    return Intention(**{name: row[name] for name in Intention.__dataclass_fields__})


def _values(one: Intention) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in Intention.__dataclass_fields__)


COLUMNS = ", ".join(f"i.{name}" for name in Intention.__dataclass_fields__)
_NAMES = ", ".join(Intention.__dataclass_fields__)
_TYPES = (
    "smallint", "uuid", "text", "uuid", "uuid", "bigint", "bigint", "text", "text", "text", "jsonb",
    "timestamptz", "text", "text", "text", "bigint", "text", "boolean", "text", "text",
    "text",
)  # fmt: skip
_GIVEN = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES, start=6))
_NEW = f"""
WITH given AS MATERIALIZED (SELECT * FROM unnest({_GIVEN}) AS t ({_NAMES})),
new AS (
    INSERT INTO intentions (workspace_id, {_NAMES}, created_at)
    SELECT $1::uuid, {_NAMES}, $5::timestamptz FROM given
    ON CONFLICT DO NOTHING
    RETURNING bucket, message_id, channel
)
"""
_ADD = f"""
{_NEW},
message AS (
    INSERT INTO messages (workspace_id, bucket, message_id, channel, account, state, created_at, updated_at)
    SELECT $1, bucket, message_id, $2, $3, 'queued', $5, $5 FROM new
    ON CONFLICT DO NOTHING
),
account AS (
    INSERT INTO limiter (workspace_id, channel, account, next_slot) VALUES ($1, $2, $3, $5)
    ON CONFLICT DO NOTHING
),
its_limit AS (
    INSERT INTO limits (workspace_id, channel, account, updated_at, per_second, source)
    VALUES ($1, $2, $3, $28::timestamptz, $27::int, 'default')
    ON CONFLICT DO NOTHING
)
INSERT INTO queue (workspace_id, message_id, bucket, channel, account, stage, priority, not_before, number)
SELECT $1, message_id, bucket, $2, $3, 'send', $4::smallint, $5, 1 FROM new
ON CONFLICT DO NOTHING
"""
_ADD_REFUSED = f"""
{_NEW}
INSERT INTO messages (workspace_id, bucket, message_id, channel, account, state, reason, created_at, updated_at)
SELECT $1, bucket, message_id, channel, $4::text, $2::text, $3::text, $5, $5 FROM new
ON CONFLICT DO NOTHING
RETURNING message_id
"""
