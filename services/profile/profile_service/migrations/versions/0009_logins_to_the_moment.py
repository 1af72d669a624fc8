"""The first and the last log-in of each minute: who has a shared device changes within it, too."""

from chassis.migrations import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute("ALTER TABLE logins ADD COLUMN first_at timestamptz, ADD COLUMN last_at timestamptz")
