"""Keys that can be listed, rotated and revoked; members who come with a token of the company's own; the audit log."""

from chassis.migrations import append_only_table, execute, system_table, tenant_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    execute(
        # Rows that an older release adds meanwhile get what they do not name.
        "ALTER TABLE api_keys ADD COLUMN key_id uuid NOT NULL DEFAULT gen_random_uuid(), "
        "ADD COLUMN hint text NOT NULL DEFAULT '', ADD COLUMN org_units text[] NOT NULL DEFAULT '{}', "
        "ADD COLUMN created_by text NOT NULL DEFAULT '', ADD COLUMN last_used_at timestamptz, "
        "ADD COLUMN revoked_at timestamptz",
        "CREATE UNIQUE INDEX ON api_keys (key_id)",
    )
    # Asked before the workspace is known, so without row-level security: keyed hashes and ids only.
    system_table(
        "member_logins",
        "login bytea NOT NULL, workspace_id uuid NOT NULL, member_id uuid NOT NULL, "
        "PRIMARY KEY (login, workspace_id)",
        "(workspace_id, member_id)",
    )
    tenant_table(
        "members",
        "member_id uuid NOT NULL, email_sealed bytea, name_sealed bytea NOT NULL, role text NOT NULL, "
        "org_units text[] NOT NULL, bound boolean NOT NULL, created_at timestamptz NOT NULL, "
        "created_by text NOT NULL, updated_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, member_id)",
    )
    append_only_table(
        "audit_log",
        "seq bigint NOT NULL, of_seq bigint, at timestamptz NOT NULL, actor text NOT NULL, "
        "action text NOT NULL, object text NOT NULL, phase text NOT NULL, status int, "
        "request_id text NOT NULL, body_hash bytea, before_hash bytea, after_hash bytea, "
        "hash bytea NOT NULL, PRIMARY KEY (workspace_id, seq)",
        "(workspace_id, of_seq)",
        "(workspace_id, actor, seq)",
        "(workspace_id, object, seq)",
    )
    # One row a workspace, locked by whoever appends; the chain itself needs only the log.
    tenant_table("audit_heads", "seq bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (workspace_id)")
