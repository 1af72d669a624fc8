"""The tables that each service which holds something of people makes in a migration."""

from chassis.migrations import tenant_table


def create_erasures() -> None:
    """For a migration. An identity's id leads to nobody once the person is erased."""
    tenant_table(
        "erased_identities",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, erasure_id uuid NOT NULL, erased_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id)",
        "(workspace_id, erasure_id)",
    )
    tenant_table(
        "erasures",
        "erasure_id uuid NOT NULL, heard_at timestamptz, finished_at timestamptz, erased jsonb NOT NULL DEFAULT '{}', "
        "PRIMARY KEY (workspace_id, erasure_id)",
    )
