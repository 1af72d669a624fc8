"""What journey holds of people. A run stays to be counted, as one that ended, without anything said in it; whose it was
is forgotten last."""

from chassis.personal_data import Holding

NOBODY = "00000000-0000-0000-0000-000000000000"
_RUNS = "r.workspace_id = $1 AND r.profile_id = mine.identity_id"
# A run may be of an identity that was somebody else's when their profiles were one.
_OURS = f"{_RUNS} AND r.identity_id IN (SELECT identity_id FROM mine)"

HOLDINGS = (
    Holding(
        "journey_runs",
        read=f"""
        SELECT r.run_id, r.journey_id, j.name, r.version, r.state, r.node_id, r.entered_at, r.exited_at, r.exit_reason,
               r.entry
        FROM mine JOIN runs r ON {_OURS} LEFT JOIN journeys j ON j.workspace_id = $1 AND j.journey_id = r.journey_id
        ORDER BY r.run_id
        """,
        # One that goes on ends here, and every node's numbers still add up.
        erase=f"""
        , gone AS (
          UPDATE runs t SET state = 'exited', wake_at = NULL, exited_at = coalesce(t.exited_at, now()),
            exit_reason = CASE WHEN t.state = 'exited' THEN t.exit_reason ELSE 'erased' END, memory = '{{}}', entry = '{{}}',
            entry_key = '', trigger_id = t.run_id::text, opener_id = '', traceparent = '', frozen_by = NULL, heard = NULL
          FROM mine JOIN runs r ON {_OURS}
          WHERE t.workspace_id = $1 AND t.bucket = r.bucket AND t.run_id = r.run_id AND t.trigger_id <> t.run_id::text
          RETURNING t.bucket, t.run_id, t.journey_id, t.sequence, t.node_id, r.state AS was, r.profile_id
        ), emptied AS (
          UPDATE transitions t SET inputs = '{{}}' FROM gone
          WHERE t.workspace_id = $1 AND t.bucket = gone.bucket AND t.run_id = gone.run_id
        ), passed AS (
          INSERT INTO transitions (workspace_id, bucket, run_id, sequence, journey_id, node_id, outcome, to_node_id,
                                   created_at, inputs)
          SELECT $1, bucket, run_id, sequence, journey_id, node_id, 'exit:erased', '', now(), '{{}}' FROM gone
          WHERE was <> 'exited'
        ), asleep AS (
          DELETE FROM timers t USING gone
          WHERE t.workspace_id = $1 AND t.bucket = gone.bucket AND t.run_id = gone.run_id
        ), closed AS (
          DELETE FROM active_runs a USING gone
          WHERE a.workspace_id = $1 AND a.profile_id = gone.profile_id AND a.run_id = gone.run_id
        )
        SELECT FROM gone
        """,
        unlink=f"""
        UPDATE runs t SET profile_id = '{NOBODY}', identity_id = '{NOBODY}' FROM mine JOIN runs r ON {_OURS}
        WHERE t.workspace_id = $1 AND t.bucket = r.bucket AND t.run_id = r.run_id
        """,
    ),
    Holding(
        "journey_steps",
        read=f"""
        SELECT t.run_id, t.sequence, t.node_id, t.outcome, t.to_node_id, t.created_at, t.inputs
        FROM mine JOIN runs r ON {_OURS}
        JOIN transitions t ON t.workspace_id = $1 AND t.bucket = r.bucket AND t.run_id = r.run_id
        ORDER BY t.run_id, t.sequence
        """,
    ),
    *(
        Holding(
            table,
            erase=f"DELETE FROM {table} t USING mine "
            "WHERE t.workspace_id = $1 AND t.bucket = mine.bucket AND t.identity_id = mine.identity_id",
        )
        for table in ("events", "people")
    ),
)
