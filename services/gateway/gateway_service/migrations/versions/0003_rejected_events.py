"""Events that ingestion refused, kept for a while so that they can be mended and sent again."""

from chassis.migrations import tenant_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    tenant_table(
        "rejected_events",
        "kind text NOT NULL, reason text NOT NULL, path text NOT NULL, event_name text NOT NULL, "
        "sample_id uuid NOT NULL, sealed bytea NOT NULL, at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, kind, reason, path, event_name, sample_id)",
        "(workspace_id, kind, reason, path, event_name, at, sample_id)",
        "(workspace_id, at)",
    )
