"""The ledger of consents, its settings, and one-time credits."""

from chassis.migrations import append_only_table, execute, grant_sequences, tenant_table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # A row for each identity that the person had. An empty contact_key: about the person.
    append_only_table(
        "consents",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, consent_id uuid NOT NULL, contact_key bytea NOT NULL, "
        "channel text NOT NULL, purpose text NOT NULL, topic text NOT NULL, org_unit_id text NOT NULL, "
        "withdrawn boolean NOT NULL, legal_basis text NOT NULL, text_version text NOT NULL, source text NOT NULL, "
        "sealed_proof bytea, recorded_by text NOT NULL, recorded_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, consent_id)",
    )
    # Who said something about a contact point, whether or not they have it; bucket is the key's first byte.
    append_only_table(
        "consent_contact_points",
        "bucket smallint NOT NULL, contact_key bytea NOT NULL, identity_id uuid NOT NULL, "
        "identity_bucket smallint NOT NULL, PRIMARY KEY (workspace_id, bucket, contact_key, identity_id)",
    )
    # The row is the lock under which what holds for a subject, a contact point or an identity, is worked out and told.
    tenant_table(
        "consent_versions",
        "bucket smallint NOT NULL, channel text NOT NULL, subject bytea NOT NULL, version bigint NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, channel, subject)",
    )
    tenant_table(
        "consent_settings",
        "consent_required boolean NOT NULL, updated_at timestamptz NOT NULL, PRIMARY KEY (workspace_id)",
    )
    append_only_table(
        "credit_grants",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, grant_id uuid NOT NULL, app_id text NOT NULL, "
        "template_id text NOT NULL, count int NOT NULL, source text NOT NULL, recorded_by text NOT NULL, "
        "granted_at timestamptz NOT NULL, expires_at timestamptz, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, grant_id)",
    )
    # Who else has this number: what any of them withdrew holds for it.
    execute(
        "CREATE INDEX ON contact_points (workspace_id, contact_key)",
        "CREATE SEQUENCE consent_version",
    )
    grant_sequences()
