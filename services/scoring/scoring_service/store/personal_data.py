"""What scoring holds of people. A snapshot's totals stay as they were computed: they tell of nobody."""

from chassis.personal_data import Holding

_OF_IDENTITY = "t.workspace_id = $1 AND t.bucket = mine.bucket AND t.identity_id = mine.identity_id"

HOLDINGS = (
    Holding(
        "rfm_scores",
        read="""
        SELECT t.model, t.as_of, t.r, t.f, t.m, t."group" FROM mine
        JOIN rfm_scores t ON t.workspace_id = $1 AND t.bucket = mine.bucket AND t.profile_id = mine.identity_id
        ORDER BY t.as_of, t.model
        """,
        erase="""
        DELETE FROM rfm_scores t USING mine
        WHERE t.workspace_id = $1 AND t.bucket = mine.bucket AND t.profile_id = mine.identity_id
        """,
    ),
    Holding(
        "scored_orders",
        read=f"""
        SELECT o.ordered_at, o.amount_minor FROM mine JOIN orders t ON {_OF_IDENTITY}
        CROSS JOIN LATERAL unnest(t.event_ids, t.ordered_at, t.amounts_minor) AS o (event_id, ordered_at, amount_minor)
        ORDER BY o.ordered_at, o.event_id
        """,
        erase=f"DELETE FROM orders t USING mine WHERE {_OF_IDENTITY}",
    ),
    *(
        Holding(table, erase=f"DELETE FROM {table} t USING mine WHERE {_OF_IDENTITY}")
        for table in ("order_corrections", "consents", "people")
    ),
)
