"""Identifiers that were named of somebody without being verified."""

from chassis.migrations import tenant_table

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    # Bucket of the identity that they were named with.
    tenant_table(
        "identifier_claims",
        'bucket smallint NOT NULL, identity_id uuid NOT NULL, type text COLLATE "C" NOT NULL, '
        'scope text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL, first_time timestamptz NOT NULL, '
        "last_time timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, identity_id, type, scope, value)",
    )
