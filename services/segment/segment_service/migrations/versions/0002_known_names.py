"""Names of events and traits that were ever heard."""

from chassis.migrations import tenant_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    tenant_table(
        "known_names",
        "kind text NOT NULL CHECK (kind IN ('event', 'trait')), name text COLLATE \"C\" NOT NULL, "
        "PRIMARY KEY (workspace_id, kind, name)",
    )
