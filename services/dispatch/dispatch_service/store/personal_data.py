"""What dispatch holds of people. A message stays to be counted, without its address and what it said; whose it was is
forgotten last. Closed addresses stay, as keyed hashes: who asked not to be written to must not be, whoever brings the
address again."""

from chassis.personal_data import Holding

NOBODY = "00000000-0000-0000-0000-000000000000"
_OURS = "i.workspace_id = $1 AND i.identity_id = mine.identity_id"
_UNDER_WAY = """
SELECT FROM attempts a WHERE a.workspace_id = $1 AND a.bucket = i.bucket AND a.message_id = i.message_id
  AND a.state IN ('reserved', 'calling')
"""

HOLDINGS = (
    Holding(
        "messages",
        read=f"""
        SELECT i.message_id, i.channel, i.purpose, i.topic, i.org_unit_id, i.content_id, i.journey_id, i.variables, m.state, m.reason,
               m.address_masked, m.provider_id, i.created_at, m.updated_at
        FROM mine JOIN intentions i ON {_OURS}
        JOIN messages m ON m.workspace_id = $1 AND m.bucket = i.bucket AND m.message_id = i.message_id
        ORDER BY i.created_at, i.message_id
        """,
        # A call that is under way ends first; what came of it is emptied when all is looked at again.
        erase=f"""
        , ours AS MATERIALIZED (
          SELECT i.bucket, i.message_id FROM mine JOIN intentions i ON {_OURS}
          WHERE NOT EXISTS ({_UNDER_WAY})
        ), attempt AS (
          UPDATE attempts a SET contact_key = NULL, address_masked = '' FROM ours
          WHERE a.workspace_id = $1 AND a.bucket = ours.bucket AND a.message_id = ours.message_id
        ), unsent AS (
          DELETE FROM queue q USING ours
          WHERE q.workspace_id = $1 AND q.message_id = ours.message_id AND q.bucket = ours.bucket AND q.stage = 'send'
        ), message AS (
          UPDATE messages m SET contact_key = NULL, address_masked = '', provider_id = '',
            reason = CASE WHEN m.state = 'queued' THEN 'erased' ELSE m.reason END,
            state = CASE WHEN m.state = 'queued' THEN 'refused' ELSE m.state END
          FROM ours WHERE m.workspace_id = $1 AND m.bucket = ours.bucket AND m.message_id = ours.message_id
        )
        UPDATE intentions i SET variables = '{{}}', key = i.message_id::text, trigger_id = '', traceparent = ''
        FROM ours WHERE i.workspace_id = $1 AND i.bucket = ours.bucket AND i.message_id = ours.message_id
          AND i.key <> i.message_id::text
        """,
        unlink=f"""
        UPDATE intentions i SET identity_id = '{NOBODY}', profile_id = '{NOBODY}', profile_no = 0 FROM mine WHERE {_OURS}
        """,
        busy=f"SELECT FROM mine JOIN intentions i ON {_OURS} WHERE EXISTS ({_UNDER_WAY})",
    ),
    Holding(
        "refusals",
        read="""
        SELECT c.channel, c.purpose, c.refusal, c.updated_at FROM mine JOIN consent_states c ON c.workspace_id = $1
          AND c.bucket = get_byte(uuid_send(mine.identity_id), 0) AND c.subject = uuid_send(mine.identity_id)
        WHERE c.refusal <> '' ORDER BY c.updated_at, c.channel, c.purpose
        """,
        erase="""
        DELETE FROM consent_states c USING mine WHERE c.workspace_id = $1
          AND c.bucket = get_byte(uuid_send(mine.identity_id), 0) AND c.subject = uuid_send(mine.identity_id)
        """,
    ),
)
