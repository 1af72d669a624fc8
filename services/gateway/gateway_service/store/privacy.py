"""What people asked about their data: access, export, erasure, an end of profiling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    request_id: UUID
    kind: str
    """access, export, erase or restrict_profiling."""
    profile_id: UUID | None
    """None once the person is erased."""
    identity_ids: Sequence[UUID] | None
    """Of somebody who is being erased."""
    reference: str
    requested_by: str
    created_at: datetime
    begun: Mapping[str, Any] | None
    """What profile answered when it erased."""
    receipts: Mapping[str, Mapping[str, Any]]
    """Service → finished_at and rows by section."""
    sections: Sequence[Mapping[str, Any]]
    """Of the file: service, section, rows and columns, in its order."""
    certificate: Mapping[str, Any] | None


async def add(tx: Tx, request: PrivacyRequest) -> bool:
    """Whether the id is new."""
    return bool(
        await tx.fetchval(
            _ADD,
            tx.workspace_id,
            request.request_id,
            request.kind,
            request.profile_id,
            request.reference,
            request.requested_by,
            request.created_at,
        )
    )


async def get(tx: Tx, request_id: UUID) -> PrivacyRequest | None:
    row = await tx.fetchrow(_GET, tx.workspace_id, request_id)
    return PrivacyRequest(*row) if row else None


async def several(tx: Tx, request_ids: Sequence[UUID]) -> dict[UUID, PrivacyRequest]:
    rows = await tx.fetch(_SEVERAL, tx.workspace_id, list(request_ids))
    return {row["request_id"]: PrivacyRequest(*row) for row in rows}


async def name_identities(tx: Tx, request_id: UUID, identity_ids: Sequence[UUID]) -> None:
    await tx.execute(_NAME, tx.workspace_id, request_id, list(identity_ids))


async def begin(tx: Tx, request_id: UUID, begun: Mapping[str, Any]) -> None:
    await tx.execute(_BEGIN, tx.workspace_id, request_id, dict(begun))


async def receive(tx: Tx, request_id: UUID, service: str, receipt: Mapping[str, Any]) -> None:
    await tx.execute(_RECEIVE, tx.workspace_id, request_id, service, dict(receipt))


async def describe(tx: Tx, request_id: UUID, sections: Sequence[Mapping[str, Any]]) -> None:
    await tx.execute(_DESCRIBE, tx.workspace_id, request_id, list(sections))


async def certify(tx: Tx, request_id: UUID, certificate: Mapping[str, Any]) -> None:
    """The last step of an erasure: files made for the person go too, and every request forgets whom it was about."""
    await tx.execute(_DROP_FILES, tx.workspace_id, request_id)
    await tx.execute(_FORGET, tx.workspace_id, request_id)
    await tx.execute(_CERTIFY, tx.workspace_id, request_id, dict(certificate))


async def forget(tx: Tx, request_id: UUID) -> None:
    """Whom it was about: somebody whom another request has erased."""
    await tx.execute(_DROP_FILE, tx.workspace_id, request_id)
    await tx.execute(_FORGET_ONE, tx.workspace_id, request_id)


_COLUMNS = (
    "request_id, kind, profile_id, identity_ids, reference, requested_by, created_at, begun, receipts, sections, "
    "certificate"
)
_ADD = """
INSERT INTO privacy_requests (workspace_id, request_id, kind, profile_id, reference, requested_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING true
"""
_GET = f"SELECT {_COLUMNS} FROM privacy_requests WHERE workspace_id = $1 AND request_id = $2"
_SEVERAL = f"SELECT {_COLUMNS} FROM privacy_requests WHERE workspace_id = $1 AND request_id = ANY($2::uuid[])"
_NAME = "UPDATE privacy_requests SET identity_ids = $3 WHERE workspace_id = $1 AND request_id = $2"
_BEGIN = (
    "UPDATE privacy_requests SET begun = $3 WHERE workspace_id = $1 AND request_id = $2 AND begun IS NULL"
)
_RECEIVE = """
UPDATE privacy_requests SET receipts = receipts || jsonb_build_object($3::text, $4::jsonb)
WHERE workspace_id = $1 AND request_id = $2
"""
_DESCRIBE = "UPDATE privacy_requests SET sections = $3 WHERE workspace_id = $1 AND request_id = $2"
_THEIRS = """
SELECT o.request_id FROM privacy_requests o JOIN privacy_requests e
  ON e.workspace_id = $1 AND e.request_id = $2 AND o.profile_id = ANY(e.identity_ids)
WHERE o.workspace_id = $1
"""
_DROP_FILES = f"DELETE FROM import_pieces WHERE workspace_id = $1 AND file_id IN ({_THEIRS})"
_FORGET = f"""
UPDATE privacy_requests SET profile_id = NULL, identity_ids = NULL WHERE workspace_id = $1 AND request_id IN ({_THEIRS})
"""
_DROP_FILE = "DELETE FROM import_pieces WHERE workspace_id = $1 AND file_id = $2"
_FORGET_ONE = """
UPDATE privacy_requests SET profile_id = NULL, identity_ids = NULL WHERE workspace_id = $1 AND request_id = $2
"""
_CERTIFY = "UPDATE privacy_requests SET certificate = $3 WHERE workspace_id = $1 AND request_id = $2"
