"""Runs that a merge froze: which run goes on in their place, and what became of a message of theirs.

A run that the release before froze names no other, and stays frozen.
"""

from chassis.migrations import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute("ALTER TABLE runs ADD COLUMN frozen_by uuid, ADD COLUMN heard jsonb")
