"""The public CDNOW log: 23,570 customers and 69,659 purchases, to the cent."""

import importlib.util
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from chassis.clock import to_ms
from chassis.database import Database
from chassis.ids import derived_id

from ...unit.scoring.reference import Bought, scored
from .harness import Harness, identity, ordered

Databases = Callable[[str], Awaitable[Database]]
_found = importlib.util.find_spec("lifetimes")
pytestmark = pytest.mark.skipif(
    _found is None, reason="the lifetimes package, which carries the log, is absent"
)
AS_OF = datetime(1998, 6, 30, 23, 59, 59, tzinfo=UTC)


Log = list[tuple[int, int, Decimal]]
"""(customer, milliseconds since 1970, dollars)."""


def purchases() -> Log:
    assert _found is not None
    assert _found.origin is not None
    log = Path(_found.origin).parent / "datasets" / "CDNOW_master.txt"
    found = []
    for line in log.read_text().splitlines()[1:]:
        customer, day, _, dollars = line.split()
        at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        found.append((int(customer), to_ms(at), Decimal(dollars)))
    return found


async def reconcile(databases: Databases, workspace_id: UUID, log: Log) -> None:
    """Takes the purchases, the first of them twice, and compares what is stored and scored with the log."""
    harness = Harness(await databases("scoring"), workspace_id, page=5_000)
    records = [
        ordered(customer, customer, customer, derived_id("cdnow", str(n)), at, float(dollars))
        for n, (customer, at, dollars) in enumerate(log)
    ]
    for start in range(0, len(records), 500):
        await harness.take(records[start : start + 500])
    await harness.take(records[:500])
    totals = await harness.rows(
        "SELECT count(DISTINCT identity_id), count(*), sum(amount)::bigint FROM orders, unnest(amounts_minor) AS amount"
    )
    customers, cents = {customer for customer, _, _ in log}, sum(int(dollars * 100) for _, _, dollars in log)
    assert totals == [(len(customers), len(log), cents)]
    snapshot = await harness.compute(AS_OF)
    bought = [Bought(identity(c), at, int(dollars * 100)) for c, at, dollars in log]
    expected = scored(bought, to_ms(AS_OF), 365)
    assert await harness.scores() == expected
    groups = snapshot.summary["groups"]
    assert sum(g["customer_count"] for g in groups) == snapshot.summary["customer_count"] == len(expected)
    assert sum(g["amount_minor"] for g in groups) == snapshot.summary["amount_minor"]


def test_the_log_is_the_published_one() -> None:
    log = purchases()
    assert len(log) == 69_659
    assert len({customer for customer, _, _ in log}) == 23_570
    assert sum(dollars for _, _, dollars in log) == Decimal("2500315.63")


async def test_counts_and_money_reconcile(databases: Databases, workspace_id: UUID) -> None:
    """Every twelfth customer; tests/proofs has them all."""
    await reconcile(databases, workspace_id, [one for one in purchases() if one[0] % 12 == 0])
