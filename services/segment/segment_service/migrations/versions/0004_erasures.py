"""People who were erased; who was in which segment can be found by the person."""

from chassis.migrations import create_erasures, execute

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_erasures()
    execute("CREATE INDEX ON membership_history (workspace_id, profile_id)")
