"""Identifiers that were named of somebody without being verified; and which messages used up one-time credits."""

from chassis.migrations import tenant_table

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # Bucket of the identity that they were named with.
    tenant_table(
        "identifier_claims",
        'bucket smallint NOT NULL, identity_id uuid NOT NULL, type text COLLATE "C" NOT NULL, '
        'scope text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL, first_time timestamptz NOT NULL, '
        "last_time timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, identity_id, type, scope, value)",
    )
    # Bucket of the message id: a message uses one credit, whoever its person is by then.
    tenant_table(
        "credit_uses",
        'bucket smallint NOT NULL, message_id text COLLATE "C" NOT NULL, identity_id uuid NOT NULL, '
        "grant_id uuid NOT NULL, used_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, message_id)",
        "(workspace_id, identity_id, grant_id)",
    )
