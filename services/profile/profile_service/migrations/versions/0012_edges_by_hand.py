"""Links that somebody decided are found by either end: of what is set aside they alone count."""

from chassis.migrations import execute

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for end in ("low_id", "high_id"):
        execute(f"CREATE INDEX ON edges (workspace_id, {end}) WHERE rule_id IS NOT NULL")
