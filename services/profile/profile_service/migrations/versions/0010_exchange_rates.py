"""Rates of exchange, what orders said in other currencies, and which of them have to be worked out again.

Orders that the release before stored in another currency keep it until something new is said of them.
"""

from chassis.migrations import execute, system_table, tenant_table

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    tenant_table("currency_settings", "currency text NOT NULL, PRIMARY KEY (workspace_id)")
    tenant_table(
        "exchange_rates",
        'currency text COLLATE "C" NOT NULL, day date NOT NULL, rate numeric NOT NULL, source text NOT NULL, '
        "set_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, currency, day)",
    )
    # Of an order that hangs on rates: which currencies, and the day. Bucket of the identity.
    tenant_table(
        "order_currencies",
        'bucket smallint NOT NULL, identity_id uuid NOT NULL, order_id text COLLATE "C" NOT NULL, '
        'currency text COLLATE "C" NOT NULL, day date NOT NULL, '
        "PRIMARY KEY (workspace_id, bucket, identity_id, order_id, currency)",
        "(workspace_id, currency, day, bucket, identity_id, order_id)",
    )
    # Orders of which days are looked at again, and how far that has come: those up to the place are done.
    system_table(
        "order_revaluations",
        "workspace_id uuid NOT NULL, currency text NOT NULL, from_day date NOT NULL, to_day date NOT NULL, "
        "next_at timestamptz NOT NULL, after_day date, after_bucket smallint, after_identity uuid, after_order text, "
        "PRIMARY KEY (workspace_id, currency)",
    )
    execute("ALTER TABLE orders ADD COLUMN original jsonb")
