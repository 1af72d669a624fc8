"""A service's copy of the ledger: by identity, as everything is that merges and splits leave alone."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of, record_uuid
from waypost.profile.v1 import consent_pb2

from consents.ledger import Entry, Scope


def told(fact: Any) -> list[Entry]:
    """A ConsentStated as entries, one for each identity that it was recorded for. Raises DataError."""
    scope = fact.scope
    return [
        Entry(
            record_uuid(fact.consent_id, "consent_id"),
            record_uuid(identity_id, "identity_ids"),
            bytes.fromhex(fact.contact_key),
            Scope(scope.channel, scope.purpose, scope.topic, scope.org_unit_id),
            fact.state == consent_pb2.CONSENT_STATE_WITHDRAWN,
        )
        for identity_id in fact.identity_ids
    ]


async def take(tx: Tx, entries: Iterable[Entry]) -> None:
    """Keeps those that are newer than what is known of the same identity, contact point and scope. Nothing of identities
    that were erased: an entry may be of people who are others by now."""
    newest: dict[tuple[Any, ...], Entry] = {}
    for entry in entries:
        key = (bucket_of(entry.identity_id), entry.identity_id, *entry.scope, entry.contact_key)
        if key not in newest or newest[key].consent_id < entry.consent_id:
            newest[key] = entry
    if newest:
        rows = [(*key, newest[key].consent_id, newest[key].withdrawn) for key in sorted(newest)]
        await tx.execute(_TAKE, tx.workspace_id, *(list(column) for column in zip(*rows, strict=True)))


async def of_identities(tx: Tx, identity_ids: Iterable[UUID]) -> dict[UUID, list[Entry]]:
    ids = list(identity_ids)
    found: dict[UUID, list[Entry]] = {}
    for row in await tx.fetch(_OF_IDENTITIES, tx.workspace_id, [bucket_of(i) for i in ids], ids):
        scope = Scope(row["channel"], row["purpose"], row["topic"], row["org_unit_id"])
        entry = Entry(row["consent_id"], row["identity_id"], row["contact_key"], scope, row["withdrawn"])
        found.setdefault(entry.identity_id, []).append(entry)
    return found


_TAKE = """
INSERT INTO consents AS c (workspace_id, bucket, identity_id, channel, purpose, topic, org_unit_id, contact_key,
                           consent_id, withdrawn)
SELECT $1, k.* FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[],
                           $9::uuid[], $10::boolean[])
  AS k (bucket, identity_id, channel, purpose, topic, org_unit_id, contact_key, consent_id, withdrawn)
WHERE NOT EXISTS (
  SELECT FROM erased_identities WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id
)
ON CONFLICT (workspace_id, bucket, identity_id, channel, purpose, topic, org_unit_id, contact_key) DO UPDATE
SET consent_id = excluded.consent_id, withdrawn = excluded.withdrawn WHERE c.consent_id < excluded.consent_id
"""
_OF_IDENTITIES = """
SELECT c.* FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT * FROM consents WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id OFFSET 0
) c
"""
