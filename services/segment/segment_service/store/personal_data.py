"""What segment holds of people. Events and traits are copies of profile's, and shown there."""

from chassis.personal_data import Holding

HOLDINGS = (
    Holding(
        "segments",
        read="""
        SELECT m.segment_id, s.name, m.entered_at FROM mine
        JOIN memberships m ON m.workspace_id = $1 AND m.bucket = mine.bucket AND m.profile_id = mine.identity_id
        LEFT JOIN segments s ON s.workspace_id = $1 AND s.segment_id = m.segment_id
        ORDER BY m.entered_at, m.segment_id
        """,
        erase="""
        DELETE FROM memberships m USING mine
        WHERE m.workspace_id = $1 AND m.bucket = mine.bucket AND m.profile_id = mine.identity_id
        """,
    ),
    Holding(
        "segment_history",
        read="""
        SELECT h.segment_id, s.name, h.change, h.reason, h.at FROM mine
        JOIN membership_history h ON h.workspace_id = $1 AND h.profile_id = mine.identity_id
        LEFT JOIN segments s ON s.workspace_id = $1 AND s.segment_id = h.segment_id
        ORDER BY h.at, h.record_id
        """,
        erase="""
        DELETE FROM membership_history h USING mine WHERE h.workspace_id = $1 AND h.profile_id = mine.identity_id
        """,
    ),
    *(
        Holding(
            table,
            erase=f"DELETE FROM {table} t USING mine "
            "WHERE t.workspace_id = $1 AND t.bucket = mine.bucket AND t.identity_id = mine.identity_id",
        )
        for table in ("events", "event_states", "identity_traits", "consents", "people")
    ),
)
