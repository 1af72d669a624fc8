"""Identities, who they are, what they did and how to reach them."""

from chassis.migrations import chassis_tables, execute, grant_sequences, system_table, tenant_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_tables()
    tenant_table(
        "identifiers",
        "bucket smallint NOT NULL, type text NOT NULL, scope text NOT NULL, value_key bytea NOT NULL, "
        "sealed_value bytea, identity_id uuid NOT NULL, identity_bucket smallint NOT NULL, created_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, type, scope, value_key)",
        "(workspace_id, identity_id)",
    )
    tenant_table(
        "identities",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, identity_no bigint NOT NULL, "
        "traits jsonb NOT NULL DEFAULT '{}', trait_times jsonb NOT NULL DEFAULT '{}', sealed_traits bytea, "
        "created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id)",
    )
    tenant_table(
        "memberships",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, profile_id uuid NOT NULL, profile_no bigint NOT NULL, "
        "valid_from timestamptz NOT NULL DEFAULT '-infinity', valid_to timestamptz NOT NULL DEFAULT 'infinity', "
        "version bigint NOT NULL, PRIMARY KEY (workspace_id, bucket, identity_id, valid_from)",
        "(workspace_id, profile_id)",
    )
    tenant_table(
        "edges",
        "bucket smallint NOT NULL, low_id uuid NOT NULL, high_id uuid NOT NULL, event_time timestamptz NOT NULL, "
        "message_id text NOT NULL, PRIMARY KEY (workspace_id, bucket, low_id, high_id)",
    )
    tenant_table(
        "merges",
        "bucket smallint NOT NULL, merge_id uuid NOT NULL, profile_id uuid NOT NULL, merged_profile_ids uuid[] NOT NULL, "
        "rule text NOT NULL, evidence jsonb NOT NULL, before jsonb NOT NULL, created_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, merge_id)",
        "(workspace_id, merge_id)",
        "(workspace_id, profile_id)",
    )
    tenant_table(
        "contact_points",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, type text NOT NULL, contact_key bytea NOT NULL, "
        "sealed_address bytea NOT NULL, masked text NOT NULL, event_time timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, type, contact_key)",
    )
    tenant_table(
        "seen",
        "bucket smallint NOT NULL, message_key uuid NOT NULL, seen_at timestamptz NOT NULL DEFAULT now(), "
        "PRIMARY KEY (workspace_id, bucket, message_key)",
    )
    tenant_table(
        "events",
        "bucket smallint NOT NULL, event_id uuid NOT NULL, identity_id uuid NOT NULL, name text NOT NULL, "
        "event_time timestamptz NOT NULL, accept_time timestamptz NOT NULL, message_id text NOT NULL, "
        "identity_ids uuid[] NOT NULL, properties text NOT NULL, sealed_properties bytea, source text NOT NULL, "
        "org_unit_id text NOT NULL, historical boolean NOT NULL, PRIMARY KEY (workspace_id, bucket, event_id)",
        "(workspace_id, identity_id, event_time)",
    )
    tenant_table(
        "orders",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, order_id text NOT NULL, event_id uuid NOT NULL, "
        "ordered_at timestamptz NOT NULL, amount_minor bigint NOT NULL, currency text NOT NULL, products jsonb NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, order_id)",
    )
    tenant_table(
        "ingestion_issues",
        "kind text NOT NULL, reason text NOT NULL, path text NOT NULL, event_name text NOT NULL, count bigint NOT NULL, "
        "first_time timestamptz NOT NULL, last_time timestamptz NOT NULL, sample_message_id text NOT NULL, "
        "detail text NOT NULL, PRIMARY KEY (workspace_id, kind, reason, path, event_name)",
    )
    system_table("number_blocks", "workspace_id uuid PRIMARY KEY, next_no bigint NOT NULL DEFAULT 1")
    execute("CREATE SEQUENCE membership_version")
    grant_sequences()
