"""What surrounds people: sources, org units, staff, accounts; what events must look like and how long they are kept.

Tables of a workspace's few hundred or thousand declarations have no bucket; those that grow with people have.
"""

from chassis.migrations import execute, grant_sequences, system_table, tenant_table

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _sources()
    _org_units()
    _accounts()
    _events()


def _sources() -> None:
    tenant_table(
        "sources",
        'name text COLLATE "C" NOT NULL, priority smallint NOT NULL DEFAULT 50, '
        "verified boolean NOT NULL DEFAULT false, expected_every_s bigint NOT NULL DEFAULT 0, last_seen timestamptz, "
        "PRIMARY KEY (workspace_id, name)",
    )
    tenant_table(
        "source_days",
        "day date NOT NULL, name text NOT NULL, calls bigint NOT NULL, PRIMARY KEY (workspace_id, name, day)",
    )
    tenant_table(
        "trait_rules",
        'name text COLLATE "C" NOT NULL, keep_all boolean NOT NULL, PRIMARY KEY (workspace_id, name)',
    )


def _org_units() -> None:
    tenant_table(
        "org_units",
        'unit_id text COLLATE "C" NOT NULL, parent_id text COLLATE "C", name text NOT NULL, '
        "kind text NOT NULL, archived boolean NOT NULL, PRIMARY KEY (workspace_id, unit_id)",
        "(workspace_id, parent_id)",
    )
    tenant_table(
        "staff",
        'staff_id text COLLATE "C" NOT NULL, name text NOT NULL, wecom_user_id text, '
        'org_unit_id text COLLATE "C", active boolean NOT NULL, PRIMARY KEY (workspace_id, staff_id), '
        "UNIQUE (workspace_id, wecom_user_id)",
    )
    # Bucket of the identity.
    tenant_table(
        "relations",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, relation_id uuid NOT NULL, "
        'staff_id text COLLATE "C" NOT NULL, kind text NOT NULL, source text NOT NULL, '
        "started_at timestamptz NOT NULL, ended_at timestamptz, ended_by text NOT NULL DEFAULT '', "
        "end_reason text NOT NULL DEFAULT '', transferred_to text NOT NULL DEFAULT '', version bigint NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, relation_id)",
        "(workspace_id, staff_id, relation_id)",
        "(workspace_id, staff_id, kind) WHERE ended_at IS NULL",
    )
    execute("CREATE SEQUENCE relation_version")
    grant_sequences()


def _accounts() -> None:
    # Bucket of the account id.
    tenant_table(
        "accounts",
        "bucket smallint NOT NULL, account_id text COLLATE \"C\" NOT NULL, traits jsonb NOT NULL DEFAULT '{}', "
        "trait_times jsonb NOT NULL DEFAULT '{}', sealed_traits bytea, created_at timestamptz NOT NULL, "
        "updated_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, account_id)",
        "(workspace_id, account_id)",
    )
    # Bucket of the identity. Who joined again after the end is a member.
    tenant_table(
        "account_members",
        'bucket smallint NOT NULL, identity_id uuid NOT NULL, account_id text COLLATE "C" NOT NULL, '
        "joined_first timestamptz NOT NULL, joined_last timestamptz NOT NULL, ended_at timestamptz, "
        "role text NOT NULL DEFAULT '', PRIMARY KEY (workspace_id, bucket, identity_id, account_id)",
        "(workspace_id, account_id, identity_id)",
    )


def _events() -> None:
    tenant_table(
        "event_schemas",
        'event_name text COLLATE "C" NOT NULL, schema jsonb NOT NULL, mode text NOT NULL, unknown text NOT NULL, '
        "PRIMARY KEY (workspace_id, event_name)",
    )
    tenant_table(
        "ingestion_policy",
        "undeclared text NOT NULL, personal_keys text[] NOT NULL, allowed_keys text[] NOT NULL, "
        "PRIMARY KEY (workspace_id)",
    )
    # The empty name stands for every event that has no row.
    tenant_table(
        "retention_rules",
        "event_name text NOT NULL, days integer NOT NULL, PRIMARY KEY (workspace_id, event_name)",
    )
    # How far the walk through the events of a workspace has come, and when it goes on or begins anew.
    system_table(
        "retention_walks",
        "workspace_id uuid PRIMARY KEY, bucket smallint NOT NULL, after uuid NOT NULL, next_at timestamptz NOT NULL",
    )
    # Of events that are no longer stored; bucket of the identity.
    tenant_table(
        "event_counters",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, name text NOT NULL, count bigint NOT NULL, "
        "first_at timestamptz NOT NULL, last_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, name)",
    )
    execute("ALTER TABLE event_counters SET (fillfactor = 80)")
    # What is said of an order that its own identity never placed; bucket of the identity.
    tenant_table(
        "order_orphans",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, order_id text NOT NULL, since timestamptz NOT NULL, "
        "next_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, identity_id, order_id)",
        "(workspace_id, next_at)",
    )
    # When the next of a workspace's is due.
    system_table("order_searches", "workspace_id uuid PRIMARY KEY, next_at timestamptz NOT NULL")
