"""What became of orders after the event that completed them."""

from chassis.migrations import tenant_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Bucket of the identity, like `orders`, whose arrays stay as the events were.
    tenant_table(
        "order_corrections",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, event_id uuid NOT NULL, ordered_at timestamptz NOT NULL, "
        "amount_minor bigint NOT NULL, counts boolean NOT NULL, version bigint NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, event_id)",
    )
