"""E-mail: a template has more parts than a text, and an address may be closed to us."""

from chassis.migrations import execute, tenant_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Constant defaults: no table is rewritten, and the release before this one goes on inserting.
    execute(
        "ALTER TABLE templates ADD COLUMN subject text NOT NULL DEFAULT '', "
        "ADD COLUMN html text NOT NULL DEFAULT '', ADD COLUMN sender text NOT NULL DEFAULT '', "
        "ADD COLUMN reply_to text NOT NULL DEFAULT ''",
    )
    # Addresses by blind index; bucket is its first byte. Without a purpose nothing goes there.
    tenant_table(
        "suppressions",
        "bucket smallint NOT NULL, channel text NOT NULL, contact_key bytea NOT NULL, purpose text NOT NULL, "
        "reason text NOT NULL, message_id uuid NOT NULL, created_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, channel, contact_key, purpose)",
    )
