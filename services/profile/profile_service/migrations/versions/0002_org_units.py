"""Which org units know an identity: what those who are confined to some of them may see."""

from chassis.migrations import tenant_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    tenant_table(
        "identity_org_units",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, org_unit_id text NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, org_unit_id)",
    )
