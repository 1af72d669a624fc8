"""What messages are about, and in whose name they are written: consent is asked for that."""

from chassis.migrations import execute

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Constant defaults: no table is rewritten, and the release before this one goes on inserting.
    execute(
        "ALTER TABLE intentions ADD COLUMN topic text NOT NULL DEFAULT '', "
        "ADD COLUMN org_unit_id text NOT NULL DEFAULT ''",
    )
