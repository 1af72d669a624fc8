"""People who were erased, and hashes of the identifiers that do not come back by themselves."""

from chassis.migrations import app_role, create_erasures, execute, tenant_table

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    create_erasures()
    # Bucket of the hash. A weak identifier holds back only what happened before.
    tenant_table(
        "erased_identifiers",
        "bucket smallint NOT NULL, hash bytea NOT NULL, erasure_id uuid NOT NULL, strong boolean NOT NULL, "
        "erased_at timestamptz NOT NULL, readmitted_at timestamptz, PRIMARY KEY (workspace_id, bucket, hash)",
        "(workspace_id, erasure_id)",
    )
    execute(
        "CREATE INDEX ON logins (workspace_id, owner_id)",
        # Ledgers to which rows are added and never changed, until their person asks to be forgotten.
        f'GRANT DELETE ON consents, consent_contact_points, credit_grants, identity_decisions TO "{app_role()}"',
        f'GRANT UPDATE (reason) ON identity_decisions TO "{app_role()}"',
    )
