"""Workspaces and keys (found before the workspace is known, so system tables), and ingestion issues."""

from chassis.migrations import chassis_tables, grant_sequences, system_table, tenant_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_tables()
    system_table(
        "workspaces",
        "workspace_id uuid PRIMARY KEY, name text NOT NULL UNIQUE, created_at timestamptz NOT NULL DEFAULT now()",
    )
    system_table(
        "api_keys",
        "key_hash bytea PRIMARY KEY, workspace_id uuid NOT NULL, "
        "kind text NOT NULL CHECK (kind IN ('write', 'secret')), scopes text[] NOT NULL, name text NOT NULL, "
        "created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz",
        "(workspace_id)",
    )
    tenant_table(
        "ingestion_issues",
        "kind text NOT NULL, reason text NOT NULL, path text NOT NULL, event_name text NOT NULL, "
        "count bigint NOT NULL, first_at timestamptz NOT NULL, last_at timestamptz NOT NULL, "
        "sample_message_id text NOT NULL, detail text NOT NULL, "
        "PRIMARY KEY (workspace_id, kind, reason, path, event_name)",
        "(workspace_id, last_at DESC)",
    )
    grant_sequences()
