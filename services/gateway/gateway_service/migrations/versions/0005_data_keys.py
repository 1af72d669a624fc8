"""A copy of profile's wrapped data keys, so that ingestion seals with them while profile is away."""

from chassis.migrations import system_table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Read for all workspaces at once, and worth nothing without the master key.
    system_table(
        "data_keys",
        "workspace_id uuid NOT NULL, key_id uuid NOT NULL, wrapped bytea NOT NULL, created_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, key_id)",
    )
