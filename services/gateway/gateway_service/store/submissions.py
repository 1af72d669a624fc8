"""That forms were answered: when, which version, and after which code. Who answered what is profile's."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

RESERVED_FOR = timedelta(minutes=1)
"""How long an answer that is on its way to the broker keeps its place."""
_NONE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Submission:
    form_id: UUID
    submission_id: UUID
    version: int
    qr_code_id: UUID | None
    at: datetime


async def reserve(tx: Tx, one: Submission, most: int | None) -> Literal["stored", "full", "reserved"]:
    """A place for an answer, of `most`. `stored` when it came before and the broker has it."""
    if most is not None:
        await tx.execute(_LOCK, tx.workspace_id, one.form_id)
    if await tx.fetchval(_STORED, tx.workspace_id, bucket_of(one.form_id), one.form_id, one.submission_id):
        return "stored"
    if most is not None and await count(tx, one.form_id, one.at, but=one.submission_id) >= most:
        return "full"
    await _put(tx, one, stored=False)
    return "reserved"


async def settle(tx: Tx, one: Submission) -> None:
    """The broker has it."""
    await _put(tx, one, stored=True)


async def release(tx: Tx, one: Submission) -> None:
    """The broker does not have it: the place is free again."""
    await tx.execute(_RELEASE, tx.workspace_id, bucket_of(one.form_id), one.form_id, one.submission_id)


async def count(tx: Tx, form_id: UUID, now: datetime, but: UUID = _NONE) -> int:
    """Answers, and places that are kept for some."""
    since = now - RESERVED_FOR
    return int(await tx.fetchval(_COUNT, tx.workspace_id, bucket_of(form_id), form_id, since, but))


async def _put(tx: Tx, one: Submission, *, stored: bool) -> None:
    await tx.execute(
        _PUT, tx.workspace_id, bucket_of(one.form_id), one.form_id, one.submission_id, one.version, one.qr_code_id,
        one.at, stored,
    )  # fmt: skip


async def of_form(tx: Tx, form_id: UUID, since: date) -> tuple[int, dict[date, int]]:
    """All there are, and by day (UTC) from `since` on."""
    rows = await tx.fetch(_OF_FORM, tx.workspace_id, bucket_of(form_id), form_id, since)
    return _totalled(rows)


async def of_qr_code(tx: Tx, qr_code_id: UUID, since: date) -> tuple[int, dict[date, int]]:
    return _totalled(await tx.fetch(_OF_QR_CODE, tx.workspace_id, qr_code_id, since))


def _totalled(rows: list[tuple[date | None, int]]) -> tuple[int, dict[date, int]]:
    """Days before those that are asked for come together, under None."""
    return sum(n for _, n in rows), {day: n for day, n in rows if day is not None}


_LOCK = "SELECT 1 FROM forms WHERE workspace_id = $1 AND form_id = $2 FOR UPDATE"
_STORED = """
SELECT stored FROM form_submissions
WHERE workspace_id = $1 AND bucket = $2 AND form_id = $3 AND submission_id = $4
"""
# A second try keeps the place for another while; what is stored stays stored.
_PUT = """
INSERT INTO form_submissions AS kept
  (workspace_id, bucket, form_id, submission_id, version, qr_code_id, submitted_at, stored)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (workspace_id, bucket, form_id, submission_id) DO UPDATE
SET submitted_at = excluded.submitted_at, stored = excluded.stored WHERE NOT kept.stored
"""
_RELEASE = """
DELETE FROM form_submissions
WHERE workspace_id = $1 AND bucket = $2 AND form_id = $3 AND submission_id = $4 AND NOT stored
"""
_COUNT = """
SELECT count(*) FROM form_submissions
WHERE workspace_id = $1 AND bucket = $2 AND form_id = $3 AND (stored OR submitted_at > $4) AND submission_id <> $5
"""


def _by_day(condition: str, since: int) -> str:
    day = "(submitted_at AT TIME ZONE 'UTC')::date"
    return f"""
SELECT CASE WHEN {day} >= ${since}::date THEN {day} END AS day, count(*) AS answers FROM form_submissions
WHERE workspace_id = $1 AND {condition} AND stored GROUP BY 1 ORDER BY 1
"""


_OF_FORM = _by_day("bucket = $2 AND form_id = $3", 4)
_OF_QR_CODE = _by_day("qr_code_id = $2", 3)
