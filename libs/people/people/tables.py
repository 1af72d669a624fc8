"""The table that each using service creates in its first migration."""


def create_people() -> None:
    from chassis.migrations import tenant_table  # a running service does without Alembic

    tenant_table(
        "people",
        "bucket smallint NOT NULL, identity_id uuid NOT NULL, profile_id uuid NOT NULL, profile_no bigint NOT NULL, "
        "version bigint NOT NULL, PRIMARY KEY (workspace_id, bucket, identity_id)",
        "(workspace_id, profile_id)",
    )
