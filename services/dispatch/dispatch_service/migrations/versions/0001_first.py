"""Intentions, messages, attempts; the queue and the limiter; templates and limits."""

from chassis.migrations import chassis_tables, execute, grant_sequences, system_table, tenant_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    chassis_tables()
    _configuration()
    _messages()
    _work()
    grant_sequences()


def _configuration() -> None:
    tenant_table(
        "templates",
        "template_id text NOT NULL, name text NOT NULL, channel text NOT NULL, text text NOT NULL, "
        "created_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, template_id)",
        "(workspace_id, created_at, template_id)",
    )
    # Dated rows: the newest of an account is in force.
    tenant_table(
        "limits",
        "channel text NOT NULL, account text NOT NULL, updated_at timestamptz NOT NULL, "
        "per_second int NOT NULL CHECK (per_second > 0), source text NOT NULL, "
        "PRIMARY KEY (workspace_id, channel, account, updated_at)",
    )


def _messages() -> None:
    tenant_table(
        "intentions",
        "bucket smallint NOT NULL, message_id uuid NOT NULL, key text NOT NULL, identity_id uuid NOT NULL, "
        "profile_id uuid NOT NULL, profile_no bigint NOT NULL, identity_version bigint NOT NULL, "
        "channel text NOT NULL, content_id text NOT NULL, purpose text NOT NULL, variables jsonb NOT NULL, "
        "not_after timestamptz NOT NULL, journey_id text NOT NULL, node_id text NOT NULL, "
        "run_id text NOT NULL, run_sequence bigint NOT NULL, trigger_id text NOT NULL, "
        "historical boolean NOT NULL, traceparent text NOT NULL, created_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, message_id)",
        "(workspace_id, profile_id, created_at)",
        "(workspace_id, created_at)",
    )
    tenant_table(
        "messages",
        "bucket smallint NOT NULL, message_id uuid NOT NULL, channel text NOT NULL, account text NOT NULL, "
        "state text NOT NULL, reason text NOT NULL DEFAULT '', contact_key bytea, "
        "address_masked text NOT NULL DEFAULT '', provider_id text NOT NULL DEFAULT '', "
        "created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, message_id)",
    )
    tenant_table(
        "attempts",
        "bucket smallint NOT NULL, message_id uuid NOT NULL, number int NOT NULL, state text NOT NULL, "
        "deadline timestamptz, provider_code text NOT NULL DEFAULT '', contact_key bytea, "
        "address_masked text NOT NULL DEFAULT '', created_at timestamptz NOT NULL, "
        "updated_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, message_id, number)",
    )
    execute(
        "ALTER TABLE messages SET (fillfactor = 80)",
        "ALTER TABLE attempts SET (fillfactor = 70)",
    )


def _work() -> None:
    # One row for each message that still needs something from us; a claim reads nothing else.
    system_table(
        "queue",
        "workspace_id uuid NOT NULL, message_id uuid NOT NULL, bucket smallint NOT NULL, "
        "channel text NOT NULL, account text NOT NULL, stage text NOT NULL, priority smallint NOT NULL, "
        "not_before timestamptz NOT NULL, number int NOT NULL, "
        "PRIMARY KEY (workspace_id, message_id, bucket)",
        "(workspace_id, channel, account, stage, priority, not_before)",
        "(stage, not_before) WHERE stage <> 'send'",
    )
    system_table(
        "limiter",
        "workspace_id uuid NOT NULL, channel text NOT NULL, account text NOT NULL, "
        "next_slot timestamptz NOT NULL, PRIMARY KEY (workspace_id, channel, account)",
    )
    execute(
        "ALTER TABLE queue SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)",
        "ALTER TABLE limiter SET (fillfactor = 50)",
    )
