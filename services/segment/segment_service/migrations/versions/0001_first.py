"""People, facts per identity, segments and their members."""

from chassis.migrations import chassis_tables, execute, grant_sequences, system_table, tenant_table
from people import create_people

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_tables()
    create_people()
    _facts()
    _segments()
    _members()
    grant_sequences()


def _facts() -> None:
    """Per identity, bucket of the identity: they never move."""
    tenant_table(
        "events",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, event_id uuid NOT NULL, name text NOT NULL, "
        "event_time timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, event_id)",
    )
    tenant_table(
        "event_states",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, name text NOT NULL, count bigint NOT NULL, "
        "first_at timestamptz NOT NULL, last_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, name)",
    )
    tenant_table(
        "identity_traits",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, traits jsonb NOT NULL, times jsonb NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id)",
    )
    # Rows are rewritten in place, over and over: leave room on the page.
    execute(
        "ALTER TABLE event_states SET (fillfactor = 80)", "ALTER TABLE identity_traits SET (fillfactor = 80)"
    )


def _segments() -> None:
    tenant_table(
        "segments",
        "segment_id text NOT NULL, name text NOT NULL, rule jsonb NOT NULL, version int NOT NULL, "
        "state text NOT NULL CHECK (state IN ('building', 'active')), created_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, segment_id)",
        "(workspace_id, created_at, segment_id)",
    )
    # (bucket, after) is the last person that was evaluated; nobody has bucket -1.
    system_table(
        "builds",
        "workspace_id uuid NOT NULL, segment_id text NOT NULL, bucket smallint NOT NULL DEFAULT -1, "
        "after uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', "
        "created_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, segment_id)",
    )


def _members() -> None:
    """Per person, bucket of the profile: a merge deletes and inserts them."""
    tenant_table(
        "memberships",
        "bucket smallint NOT NULL, segment_id text NOT NULL, profile_id uuid NOT NULL, "
        "profile_no bigint NOT NULL, entered_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, profile_id, segment_id)",
        "(workspace_id, segment_id, profile_no)",
    )
    tenant_table(
        "membership_history",
        "bucket smallint NOT NULL, segment_id text NOT NULL, profile_id uuid NOT NULL, "
        "change text NOT NULL CHECK (change IN ('entered', 'left')), reason text NOT NULL, "
        "at timestamptz NOT NULL, record_id uuid NOT NULL, PRIMARY KEY (workspace_id, bucket, record_id)",
    )
