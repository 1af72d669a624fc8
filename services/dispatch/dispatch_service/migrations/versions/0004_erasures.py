"""People who were erased; what was meant for somebody can be found by their identities."""

from chassis.migrations import create_erasures, execute

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_erasures()
    execute("CREATE INDEX ON intentions (workspace_id, identity_id)")
