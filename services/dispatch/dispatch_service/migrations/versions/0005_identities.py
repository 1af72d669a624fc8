"""Messages are found by the identity that they were caused by, which a merge and a split leave as it is.

The index by profile id is the release before's; it can go with the next.
"""

from chassis.migrations import execute

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute(
        "CREATE INDEX ON intentions (workspace_id, identity_id, created_at)",
        # Made for erasure within this release: the other does for both.
        "DROP INDEX intentions_workspace_id_identity_id_idx",
    )
