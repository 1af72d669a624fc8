"""The table of a service's copy of the ledger."""

from chassis.migrations import tenant_table


def create_consents() -> None:
    """For a migration that comes after `chassis.migrations.create_erasures`."""
    tenant_table(
        "consents",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, channel text NOT NULL, purpose text NOT NULL, "
        "topic text NOT NULL, org_unit_id text NOT NULL, contact_key bytea NOT NULL, consent_id uuid NOT NULL, "
        "withdrawn boolean NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, identity_id, channel, purpose, topic, org_unit_id, contact_key)",
    )
