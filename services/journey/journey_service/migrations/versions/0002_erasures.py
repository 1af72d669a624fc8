"""People who were erased."""

from chassis.migrations import create_erasures

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_erasures()
