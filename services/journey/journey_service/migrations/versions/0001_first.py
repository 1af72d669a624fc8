"""Definitions, runs, their transitions, timers, and the recent events that waits look back on."""

from chassis.migrations import chassis_tables, grant_sequences, system_table, tenant_table
from people import create_people

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_tables()
    create_people()
    tenant_table(
        "journeys",
        "journey_id text NOT NULL, name text NOT NULL, state text NOT NULL, version int NOT NULL, draft jsonb NOT NULL, "
        "revision bigint NOT NULL DEFAULT 1, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, journey_id)",
    )
    tenant_table(
        "journey_versions",
        "journey_id text NOT NULL, version int NOT NULL, definition jsonb NOT NULL, published_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, journey_id, version)",
    )
    tenant_table(
        "events",
        "bucket smallint NOT NULL, event_id uuid NOT NULL, identity_id uuid NOT NULL, name text NOT NULL, "
        "event_time timestamptz NOT NULL, accept_time timestamptz NOT NULL, properties text NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, event_id)",
        "(workspace_id, identity_id, event_time)",
        "(event_time)",
    )
    tenant_table(
        "runs",
        "bucket smallint NOT NULL, run_id uuid NOT NULL, journey_id text NOT NULL, version int NOT NULL, "
        "profile_id uuid NOT NULL, identity_id uuid NOT NULL, entry_key text NOT NULL, trigger_id text NOT NULL, "
        "state text NOT NULL, node_id text NOT NULL, sequence bigint NOT NULL, opened_at timestamptz NOT NULL, "
        "opener_id text NOT NULL, memory jsonb NOT NULL, entry jsonb NOT NULL, wake_at timestamptz, "
        "entered_at timestamptz NOT NULL, exited_at timestamptz, exit_reason text NOT NULL DEFAULT '', "
        "historical boolean NOT NULL, traceparent text NOT NULL, org_unit_id text NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, run_id)",
        "(workspace_id, journey_id, run_id)",
        "(workspace_id, profile_id, run_id)",
    )
    tenant_table(
        "active_runs",
        "bucket smallint NOT NULL, journey_id text NOT NULL, profile_id uuid NOT NULL, entry_key text NOT NULL, "
        "run_id uuid NOT NULL, PRIMARY KEY (workspace_id, bucket, journey_id, profile_id, entry_key)",
        "(workspace_id, profile_id)",
    )
    tenant_table(
        "transitions",
        "bucket smallint NOT NULL, run_id uuid NOT NULL, sequence bigint NOT NULL, journey_id text NOT NULL, "
        "node_id text NOT NULL, outcome text NOT NULL, to_node_id text NOT NULL, created_at timestamptz NOT NULL, "
        "inputs jsonb NOT NULL, PRIMARY KEY (workspace_id, bucket, run_id, sequence)",
        "(workspace_id, journey_id)",
    )
    tenant_table(
        "intentions",
        "bucket smallint NOT NULL, run_id uuid NOT NULL, sequence bigint NOT NULL, journey_id text NOT NULL, "
        "node_id text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, run_id, sequence)",
        "(workspace_id, journey_id)",
    )
    tenant_table(
        "entry_refusals",
        "journey_id text NOT NULL, reason text NOT NULL, count bigint NOT NULL, "
        "PRIMARY KEY (workspace_id, journey_id, reason)",
    )
    system_table(
        "timers",
        "workspace_id uuid NOT NULL, bucket smallint NOT NULL, run_id uuid NOT NULL, due_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, run_id)",
        "(workspace_id, due_at)",
    )
    grant_sequences()
