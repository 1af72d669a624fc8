"""Words by which a workspace's recipients opt out, where it has some of its own."""

from chassis.migrations import tenant_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "opt_out_words", "words text[] NOT NULL, updated_at timestamptz NOT NULL, PRIMARY KEY (workspace_id)"
    )
