"""People who were erased."""

from chassis.migrations import create_erasures

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_erasures()
