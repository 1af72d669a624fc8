"""What holds for the subjects of consents, contact keys and identities alike: profile says it, the newest word counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.database import Tx


class SubjectState(NamedTuple):
    channel: str
    subject: bytes
    """A contact key, or the bytes of an identity's id."""
    purpose: str
    refusal: str
    """Why messages of the purpose are refused; empty when they are not."""
    version: int


async def apply(tx: Tx, heard: Iterable[SubjectState], now: datetime) -> None:
    """Keeps what is newer than what is known."""
    newest: dict[tuple[bytes, str, str], SubjectState] = {}
    for state in heard:
        key = (state.subject, state.channel, state.purpose)
        if key not in newest or newest[key].version < state.version:
            newest[key] = state
    if newest:
        columns = zip(*(newest[key] for key in sorted(newest)), strict=True)
        await tx.execute(_APPLY, tx.workspace_id, now, *(list(column) for column in columns))


async def take_over(tx: Tx, closed: Sequence[tuple[str, bytes, UUID]]) -> None:
    """The ledger has what these messages' recipients said: (channel, contact key, message id)."""
    columns = (list(column) for column in zip(*sorted(closed), strict=True))
    await tx.execute(_TAKE_OVER, tx.workspace_id, *columns)


_APPLY = """
INSERT INTO consent_states AS s (workspace_id, bucket, channel, subject, purpose, refusal, version, updated_at)
SELECT $1, get_byte(subject, 0), channel, subject, purpose, refusal, version, $2
FROM unnest($3::text[], $4::bytea[], $5::text[], $6::text[], $7::bigint[])
  AS h (channel, subject, purpose, refusal, version)
ON CONFLICT (workspace_id, bucket, channel, subject, purpose) DO UPDATE
SET refusal = excluded.refusal, version = excluded.version, updated_at = excluded.updated_at
WHERE s.version < excluded.version
"""
_TAKE_OVER = """
UPDATE suppressions s SET in_ledger = true
FROM unnest($2::text[], $3::bytea[], $4::uuid[]) AS t (channel, contact_key, message_id)
WHERE s.workspace_id = $1 AND s.bucket = get_byte(t.contact_key, 0) AND s.channel = t.channel
  AND s.contact_key = t.contact_key AND s.message_id = t.message_id AND s.reason = 'unsubscribed'
"""
