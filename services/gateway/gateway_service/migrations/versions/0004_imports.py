"""Jobs, which replicas share, and files to be imported, in sealed pieces because replicas share no disk."""

from chassis.migrations import system_table, tenant_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    tenant_table(
        "jobs",
        "job_id uuid NOT NULL, kind text NOT NULL, name text NOT NULL, state text NOT NULL, "
        "progress double precision NOT NULL DEFAULT 0, counts jsonb NOT NULL DEFAULT '{}', "
        "failure text NOT NULL DEFAULT '', created_at timestamptz NOT NULL, started_at timestamptz, "
        "finished_at timestamptz, PRIMARY KEY (workspace_id, job_id)",
        "(workspace_id, created_at, job_id)",
    )
    # Who works on what, and until when it is theirs. Nothing in it tells of a person.
    system_table(
        "job_queue",
        "job_id uuid PRIMARY KEY, workspace_id uuid NOT NULL, kind text NOT NULL, due_at timestamptz NOT NULL, "
        "attempts int NOT NULL DEFAULT 0, holder uuid, held_until timestamptz",
        "(due_at)",
    )
    # The id is the job's. What the file looks like and what becomes of its columns is sealed: both may quote it.
    tenant_table(
        "imports",
        "import_id uuid NOT NULL, file_id uuid NOT NULL, size_bytes bigint NOT NULL, digest bytea NOT NULL, "
        "dry_run boolean NOT NULL DEFAULT false, rows_done bigint NOT NULL DEFAULT 0, sealed bytea NOT NULL, "
        "created_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, import_id)",
        "(workspace_id, created_at)",
    )
    tenant_table(
        "import_pieces",
        "bucket smallint NOT NULL, file_id uuid NOT NULL, number int NOT NULL, sealed bytea NOT NULL, "
        "created_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, bucket, file_id, number)",
        "(workspace_id, created_at)",
    )
    # Faulty rows of one step of the work, together.
    tenant_table(
        "import_faults",
        "bucket smallint NOT NULL, import_id uuid NOT NULL, first_row bigint NOT NULL, sealed bytea NOT NULL, "
        "PRIMARY KEY (workspace_id, bucket, import_id, first_row)",
    )
