"""People who were erased; what was meant for somebody can be found by their identities."""

from chassis.migrations import execute
from chassis.personal_data import create_erasures

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_erasures()
    execute("CREATE INDEX ON intentions (workspace_id, identity_id)")
