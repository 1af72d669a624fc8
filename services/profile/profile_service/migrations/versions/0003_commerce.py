"""Everything said about an order after its first completion, versions of orders, and products.

`orders` keeps the first completion in the columns it has; the new ones are null until something else is said about
the order, and then hold what follows from all that was said. The release before goes on inserting into it.
"""

from chassis.migrations import execute, grant_sequences, tenant_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute(
        "ALTER TABLE orders ADD COLUMN state text, ADD COLUMN refunded_minor bigint, ADD COLUMN lines jsonb",
    )
    # The row is the lock under which an order is looked at and written.
    tenant_table(
        "order_versions",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, order_id text NOT NULL, "
        "version bigint NOT NULL DEFAULT 0, PRIMARY KEY (workspace_id, bucket, identity_id, order_id)",
    )
    tenant_table(
        "order_statements",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, order_id text NOT NULL, event_id uuid NOT NULL, "
        "kind text NOT NULL, at timestamptz NOT NULL, amount_minor bigint, currency text NOT NULL, "
        "products jsonb NOT NULL, PRIMARY KEY (workspace_id, bucket, identity_id, order_id, event_id)",
    )
    # Bucket of the product id. Each part of a product with the id of the event that said it last.
    tenant_table(
        "products",
        'bucket smallint NOT NULL, product_id text COLLATE "C" NOT NULL, name text, name_by uuid, category text, '
        "category_by uuid, sku text, sku_by uuid, price_minor bigint, currency text, price_by uuid, "
        "PRIMARY KEY (workspace_id, bucket, product_id)",
        "(workspace_id, product_id)",
    )
    execute("ALTER TABLE products SET (fillfactor = 80)", "CREATE SEQUENCE order_version")
    grant_sequences()
