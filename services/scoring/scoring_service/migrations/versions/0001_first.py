"""People, orders per identity, RFM snapshots and scores."""

from chassis.migrations import chassis_tables, grant_sequences, tenant_table
from people import create_people

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_tables()
    create_people()
    # One row per identity, bucket of the identity; the three arrays run in step, in order of arrival.
    tenant_table(
        "orders",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, event_ids uuid[] NOT NULL, "
        "ordered_at timestamptz[] NOT NULL, amounts_minor bigint[] NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id)",
    )
    tenant_table(
        "rfm_snapshots",
        "model text NOT NULL, as_of timestamptz NOT NULL, window_days int NOT NULL, summary jsonb NOT NULL, "
        "PRIMARY KEY (workspace_id, model, as_of)",
    )
    # Bucket of the profile. Every snapshot keeps its scores, so that people can be followed from one to the next.
    tenant_table(
        "rfm_scores",
        "bucket smallint NOT NULL, profile_id uuid NOT NULL, model text NOT NULL, as_of timestamptz NOT NULL, "
        'r smallint NOT NULL, f smallint NOT NULL, m smallint NOT NULL, "group" text NOT NULL, '
        "PRIMARY KEY (workspace_id, bucket, profile_id, model, as_of)",
        "(workspace_id, model, as_of)",
    )
    grant_sequences()
