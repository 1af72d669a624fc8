"""Hosted forms and QR codes. Nothing in these tables tells of a person."""

from chassis.migrations import system_table, tenant_table

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # What a visitor's address names, before it is known whose it is.
    system_table(
        "public_links",
        "token text PRIMARY KEY, workspace_id uuid NOT NULL, kind text NOT NULL, object_id uuid NOT NULL",
    )
    # `definition` is what is being written, `version` the newest that was published; 0: none.
    tenant_table(
        "forms",
        "form_id uuid NOT NULL, token text NOT NULL, name text NOT NULL, state text NOT NULL, "
        "revision int NOT NULL, version int NOT NULL, definition jsonb NOT NULL, created_at timestamptz NOT NULL, "
        "updated_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, form_id)",
        "(workspace_id, created_at, form_id)",
    )
    tenant_table(
        "form_versions",
        "form_id uuid NOT NULL, version int NOT NULL, definition jsonb NOT NULL, published_at timestamptz NOT NULL, "
        "published_by text NOT NULL, PRIMARY KEY (workspace_id, form_id, version)",
    )
    # The bucket is the form's. `stored` once the broker has the answers.
    tenant_table(
        "form_submissions",
        "bucket smallint NOT NULL, form_id uuid NOT NULL, submission_id uuid NOT NULL, version int NOT NULL, "
        "qr_code_id uuid, submitted_at timestamptz NOT NULL, stored boolean NOT NULL DEFAULT false, "
        "PRIMARY KEY (workspace_id, bucket, form_id, submission_id)",
        "(workspace_id, bucket, form_id, submitted_at)",
        "(workspace_id, qr_code_id, submitted_at) WHERE qr_code_id IS NOT NULL",
    )
    tenant_table(
        "qr_codes",
        "qr_code_id uuid NOT NULL, token text NOT NULL, name text NOT NULL, revision int NOT NULL, "
        "definition jsonb NOT NULL, scene text, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, "
        "PRIMARY KEY (workspace_id, qr_code_id), UNIQUE (workspace_id, scene)",
        "(workspace_id, created_at, qr_code_id)",
    )
    # Of a form: views, and answers that were taken for spam. Of a code: scans, and those that left no event.
    tenant_table(
        "page_counts",
        "object_id uuid NOT NULL, day date NOT NULL, views bigint NOT NULL, dropped bigint NOT NULL, "
        "PRIMARY KEY (workspace_id, object_id, day)",
    )
