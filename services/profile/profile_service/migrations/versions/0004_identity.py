"""How a workspace tells people apart: settings, decisions by hand, refused edges, log-ins of weak identifiers.

An edge between a weak identifier and a strong one was an edge like any other; it is a log-in now. The release before
goes on writing such edges: who reads them takes them for log-ins.
"""

from chassis.migrations import append_only_table, execute, tenant_table

revision = "0004"
down_revision = "0003"

_WEAK = "('push_token', 'device_id', 'anonymous_id')"


def upgrade() -> None:
    tenant_table(
        "identity_settings",
        "version bigint NOT NULL, settings jsonb NOT NULL, updated_at timestamptz NOT NULL, updated_by text NOT NULL, "
        "settled_version bigint NOT NULL DEFAULT 0, bucket smallint NOT NULL DEFAULT 0, place uuid, "
        "PRIMARY KEY (workspace_id)",
    )
    # Of a weak identity: whose it is from birth, and whose it is now when it changed hands.
    execute(
        "ALTER TABLE memberships ADD COLUMN through uuid, ADD COLUMN owner uuid, ADD COLUMN owned_since timestamptz",
        "CREATE INDEX ON memberships (workspace_id, through) WHERE through IS NOT NULL",
        # event_time 'infinity': no record named both, only a decision by hand joins them.
        "ALTER TABLE edges ADD COLUMN weak boolean NOT NULL DEFAULT false, ADD COLUMN rule_id uuid, "
        "ADD COLUMN ruled_at timestamptz, ADD COLUMN refused text, ADD COLUMN detail text",
        "CREATE INDEX ON edges (workspace_id, high_id)",
        "CREATE INDEX ON edges (workspace_id, rule_id) WHERE rule_id IS NOT NULL",
        "CREATE INDEX ON edges (workspace_id, refused, bucket, low_id, high_id) WHERE refused IS NOT NULL",
    )
    tenant_table(
        "logins",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, at timestamptz NOT NULL, owner_id uuid NOT NULL, "
        "rule_id uuid, PRIMARY KEY (workspace_id, bucket, identity_id, at, owner_id)",
        "(workspace_id, rule_id) WHERE rule_id IS NOT NULL",
    )
    tenant_table(
        "ownerships",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, valid_from timestamptz NOT NULL, owner_id uuid NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, valid_from)",
        "(workspace_id, owner_id)",
    )
    # `state`: suspected (by itself), blocked or released (by hand).
    tenant_table(
        "set_aside",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, state text NOT NULL, since timestamptz NOT NULL, "
        "reason text NOT NULL, rule_id uuid, decided_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id)",
        "(workspace_id, state, decided_at, identity_id)",
    )
    append_only_table(
        "identity_decisions",
        "decision_id uuid NOT NULL, kind text NOT NULL, left_ids uuid[] NOT NULL, right_ids uuid[] NOT NULL, "
        "undoes uuid, reason text NOT NULL, decided_by text NOT NULL, decided_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, decision_id)",
        "(workspace_id, undoes) WHERE undoes IS NOT NULL",
    )
    # The never-links in force: a row an identity.
    tenant_table(
        "never_links",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, rule_id uuid NOT NULL, is_left boolean NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, rule_id, is_left)",
        "(workspace_id, rule_id)",
    )
    tenant_table(
        "splits",
        "bucket smallint NOT NULL, split_id uuid NOT NULL, profile_id uuid NOT NULL, to_profile_id uuid NOT NULL, "
        "identity_ids uuid[] NOT NULL, rule text NOT NULL, evidence jsonb NOT NULL, created_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, split_id)",
        "(workspace_id, split_id)",
        "(workspace_id, profile_id)",
    )
    _take_weak_edges_for_logins()


def _take_weak_edges_for_logins() -> None:
    ends = (
        "FROM edges e JOIN identifiers l ON l.workspace_id = e.workspace_id AND l.identity_id = e.low_id "
        "JOIN identifiers h ON h.workspace_id = e.workspace_id AND h.identity_id = e.high_id "
    )
    execute(
        "SET LOCAL statement_timeout = 0",
        # The owner of the tables is held to row-level security as everybody is.
        *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in _TOUCHED),
        f"INSERT INTO logins (workspace_id, bucket, identity_id, at, owner_id) "
        f"SELECT e.workspace_id, l.identity_bucket, e.low_id, date_trunc('minute', e.event_time), e.high_id {ends} "
        f"WHERE l.type IN {_WEAK} AND h.type NOT IN {_WEAK} ON CONFLICT DO NOTHING",
        f"INSERT INTO logins (workspace_id, bucket, identity_id, at, owner_id) "
        f"SELECT e.workspace_id, h.identity_bucket, e.high_id, date_trunc('minute', e.event_time), e.low_id {ends} "
        f"WHERE h.type IN {_WEAK} AND l.type NOT IN {_WEAK} ON CONFLICT DO NOTHING",
        "UPDATE memberships m SET through = f.owner_id FROM (SELECT DISTINCT ON (workspace_id, identity_id) "
        "workspace_id, bucket, identity_id, owner_id FROM logins ORDER BY workspace_id, identity_id, at, owner_id) f "
        "WHERE m.workspace_id = f.workspace_id AND m.bucket = f.bucket AND m.identity_id = f.identity_id",
        "DELETE FROM edges d USING logins g WHERE d.workspace_id = g.workspace_id "
        "AND ((d.low_id = g.identity_id AND d.high_id = g.owner_id) OR (d.high_id = g.identity_id AND d.low_id = g.owner_id))",
        f"UPDATE edges w SET weak = true {ends} WHERE w.workspace_id = e.workspace_id AND w.bucket = e.bucket "
        f"AND w.low_id = e.low_id AND w.high_id = e.high_id AND l.type IN {_WEAK} AND h.type IN {_WEAK}",
        *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in _TOUCHED),
    )


_TOUCHED = ("edges", "identifiers", "logins", "memberships")
