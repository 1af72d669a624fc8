"""Computes a snapshot: all orders are read as of one moment, scored outside any transaction, written in one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.clock import to_ms
from chassis.database import Database

from scoring_service.domain.model import Model
from scoring_service.domain.rfm import Orders, Scores, score
from scoring_service.store import orders


@dataclass(frozen=True, slots=True)
class Snapshot:
    orders: Orders
    scores: Scores
    summary: Mapping[str, Any]


async def compute_rfm(
    database: Database, workspace_id: UUID, model: Model, as_of: datetime, page: int
) -> Snapshot:
    async with database.transaction(workspace_id) as tx:
        # All pages see the same people: one whose identities merge meanwhile is not read half and half.
        await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = await orders.load_all(tx, page)
    scores = await asyncio.to_thread(score, found, to_ms(as_of), model.window_days)
    return Snapshot(found, scores, summary_of(model, as_of, scores))


def summary_of(model: Model, as_of: datetime, scores: Scores) -> dict[str, Any]:
    """The published summary, as JSON; amounts in minor units."""
    return {
        "model": model.name,
        "as_of_ms": to_ms(as_of),
        "window_days": model.window_days,
        "customer_count": len(scores.customers),
        "order_count": int(scores.frequency.values.sum()),
        "amount_minor": int(scores.monetary.values.sum()),
        "groups": [
            {"group": group.key, "customer_count": customers, "amount_minor": amount}
            for group, customers, amount in scores.totals()
        ],
        "recency_days_thresholds": scores.recency.thresholds,
        "frequency_thresholds": scores.frequency.thresholds,
        "monetary_minor_thresholds": scores.monetary.thresholds,
    }
