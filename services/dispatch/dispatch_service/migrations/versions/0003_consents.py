"""What people said about messages, as profile last told it; addresses closed and opened by hand."""

from chassis.migrations import append_only_table, execute, tenant_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Subject: a contact key, or the bytes of an identity's id; bucket is its first byte. What is not withdrawn stays as
    # a row too: an older word that comes late must find a newer one.
    tenant_table(
        "consent_states",
        "bucket smallint NOT NULL, channel text NOT NULL, subject bytea NOT NULL, purpose text NOT NULL, "
        "refusal text NOT NULL, version bigint NOT NULL, updated_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, channel, subject, purpose)",
    )
    # in_ledger: profile has taken it in, so that consent_states say from now on whether it still holds. The release
    # before knows nothing of that and goes on refusing.
    execute(
        "ALTER TABLE suppressions ADD COLUMN note text NOT NULL DEFAULT '', "
        "ADD COLUMN closed_by text NOT NULL DEFAULT '', ADD COLUMN in_ledger boolean NOT NULL DEFAULT false",
        "CREATE INDEX ON suppressions (workspace_id, created_at)",
    )
    append_only_table(
        "lifted_suppressions",
        "lift_id uuid NOT NULL, channel text NOT NULL, contact_key bytea NOT NULL, purpose text NOT NULL, "
        "reason text NOT NULL, note text NOT NULL, message_id uuid NOT NULL, closed_by text NOT NULL, "
        "created_at timestamptz NOT NULL, lifted_at timestamptz NOT NULL, lifted_by text NOT NULL, "
        "lift_note text NOT NULL, PRIMARY KEY (workspace_id, lift_id)",
    )
