"""What people ask about their data, and what was done."""

from chassis.migrations import tenant_table

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # The id is the job's, and the erasure's, and that of the file that a request for data brings forth. Whom it is about
    # is forgotten once they are erased.
    tenant_table(
        "privacy_requests",
        "request_id uuid NOT NULL, kind text NOT NULL, profile_id uuid, identity_ids uuid[], reference text NOT NULL, "
        "requested_by text NOT NULL, created_at timestamptz NOT NULL, begun jsonb, receipts jsonb NOT NULL DEFAULT '{}', "
        "sections jsonb NOT NULL DEFAULT '[]', certificate jsonb, PRIMARY KEY (workspace_id, request_id)",
        "(workspace_id, created_at, request_id)",
    )
