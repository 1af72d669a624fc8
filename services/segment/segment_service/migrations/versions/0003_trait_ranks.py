"""Ranks of sources and traits that keep all their values: what [time, record] of `times` does not tell.

The release before goes on reading and writing `traits` and `times`.
"""

from chassis.migrations import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute("ALTER TABLE identity_traits ADD COLUMN more jsonb NOT NULL DEFAULT '{}'")
