"""How people are found, what was said of them when, what changed, and the data keys that seal what is personal.

The release before goes on writing beside this one: what it writes is indexed by the second round of `IndexOldPeople`,
and is missing from the history of traits and from the feed of changes, which begin with this release.
"""

from chassis.migrations import execute, system_table, tenant_table

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Bucket of the token. Rows are found and removed by their whole key, so there is no other index.
    tenant_table(
        "search_keys",
        'bucket smallint NOT NULL, kind text COLLATE "C" NOT NULL, token bytea NOT NULL, identity_id uuid NOT NULL, '
        "PRIMARY KEY (workspace_id, bucket, kind, token, identity_id)",
    )
    # How far old people have been indexed: those up to the place are done.
    tenant_table(
        "search_backfills",
        "round smallint NOT NULL, bucket smallint NOT NULL, identity_id uuid NOT NULL, ended_at timestamptz, "
        "PRIMARY KEY (workspace_id)",
    )
    # One row a statement: what one call said of one identity, personal traits sealed.
    tenant_table(
        "trait_statements",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, said_at timestamptz NOT NULL, "
        'message_id text COLLATE "C" NOT NULL, source text NOT NULL, rank int NOT NULL, traits jsonb NOT NULL, sealed_traits bytea, '
        "PRIMARY KEY (workspace_id, bucket, identity_id, said_at, message_id)",
    )
    # One row a transaction that changed people. Without a bucket, like the outbox: its order is that of one server's
    # transactions, so it stays on one.
    tenant_table(
        "changes",
        "transaction_no bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint, "
        "change_no bigint GENERATED ALWAYS AS IDENTITY, changed_at timestamptz NOT NULL, items text NOT NULL, "
        "PRIMARY KEY (workspace_id, transaction_no, change_no)",
        "(workspace_id, changed_at)",
    )
    tenant_table("changes_dropped", "transaction_no bigint NOT NULL, PRIMARY KEY (workspace_id)")
    # Read for all workspaces at once, and worth nothing without the master key.
    system_table(
        "data_keys",
        "workspace_id uuid NOT NULL, key_id uuid NOT NULL, wrapped bytea NOT NULL, created_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, key_id)",
        "(created_at)",
    )
    # How far the rows of a workspace have been sealed again; `step` counts buckets of all tables.
    tenant_table(
        "reseals",
        "key_id uuid NOT NULL, step int NOT NULL, resealed bigint NOT NULL, damaged bigint NOT NULL, "
        "ended_at timestamptz, PRIMARY KEY (workspace_id)",
    )
    execute(
        "ALTER TABLE search_backfills SET (fillfactor = 50)",
        # When an address was first said; `event_time` is when last. Unknown for what was stored before.
        "ALTER TABLE contact_points ADD COLUMN first_time timestamptz",
    )
