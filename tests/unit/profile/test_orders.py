"""Laws of orders: whatever is said about one, in whatever order, its money adds up."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chassis.clock import to_ms
from chassis.ids import timed_id
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain.exchange import Rate, Rates
from profile_service.domain.orders import KINDS, Order, Statement, Wrong, fold_order, read_statement

START = datetime(2026, 10, 1, tzinfo=UTC)
NAMES = ("Order Completed",) * 4 + ("Order Refunded",) * 4 + tuple(KINDS)
reached: Counter[str] = Counter()
proven = settings(max_examples=800, derandomize=True, deadline=None, database=None)
products = st.fixed_dictionaries(
    {"product_id": st.sampled_from(["a", "b", "c"])},
    optional={"quantity": st.integers(0, 4), "price": st.sampled_from([0, 1, 2.5, 19.99, "3"])},
)
properties = st.fixed_dictionaries(
    {"order_id": st.just("o")},
    optional={
        "total": st.sampled_from([0, 1, 2.5, "20", 100, 500]),
        "products": st.lists(products, max_size=3),
        "currency": st.sampled_from(["CNY", "CNY", "JPY", "USD"]),
    },
)
TODAY = START.date()
JPY = ("JPY", TODAY), Rate(TODAY, Decimal("0.0487"))
USD = ("USD", TODAY), Rate(TODAY, Decimal("7.1234"))
stated = st.sampled_from([(JPY, USD), (JPY, USD), (JPY,), ()])
events = st.lists(st.tuples(st.sampled_from(NAMES), properties, st.integers(0, 5)), max_size=6)


def statements(told: list[tuple[str, dict[str, Any], int]]) -> list[Statement]:
    found = []
    for n, (name, said, minute) in enumerate(told):
        at = START + timedelta(minutes=minute)
        read = read_statement(name, said, timed_id(to_ms(at), str(n)), at)
        if not isinstance(read, Wrong):
            found.append(read)
    return found


@proven
@given(events, stated, st.randoms(use_true_random=False))
def test_the_money_of_an_order_adds_up(
    told: list[tuple[str, dict[str, Any], int]], stated: Any, random: Any
) -> None:
    said, rates = statements(told), Rates("CNY", dict(stated))
    order = fold_order(said, rates)
    again = said + random.choices(said, k=3) if said else []
    random.shuffle(again)
    assert fold_order(again, rates) == order
    reached["cases"] += 1
    if order is None:
        assert not any(s.kind == "completed" for s in said)
        return
    assert 0 <= order.refunded_minor <= order.total_minor
    assert order.net_minor == (0 if order.state == "cancelled" else order.total_minor - order.refunded_minor)
    unknown = order.original is not None and order.original.rate is None
    assert order.counts == (order.state in ("completed", "partly_refunded") and not unknown)
    assert order.currency == "CNY"
    if unknown:
        assert order.total_minor == 0
    assert all(0 <= line.refunded_quantity <= line.quantity for line in order.lines)
    if order.state == "refunded":
        assert order.net_minor == 0
    reached[order.state] += 1
    reached["converted"] += order.original is not None and not unknown
    reached["without a rate"] += unknown
    reached["lines given back"] += any(line.refunded_quantity for line in order.lines)


def test_every_state_was_met() -> None:
    print(f"\norders: {dict(reached)}")
    floors = {"completed": 40, "partly_refunded": 8, "refunded": 20, "cancelled": 25, "lines given back": 20}
    floors |= {"converted": 40, "without a rate": 15}
    assert all(reached[state] >= floor for state, floor in floors.items()), reached


def order_of(*told: tuple[str, dict[str, Any]]) -> Order:
    order = fold_order(
        statements([(name, {"order_id": "o", **said}, n) for n, (name, said) in enumerate(told)])
    )
    assert order is not None
    return order


BOUGHT = {
    "total": 70,
    "products": [
        {"product_id": "a", "price": 20, "quantity": 3},
        {"sku": "b", "price": 5.5, "quantity": 1},
    ],
}


def test_refunds_whole_by_total_and_by_lines() -> None:
    whole = order_of(("Order Completed", BOUGHT), ("Order Refunded", {}))
    assert (whole.state, whole.refunded_minor) == ("refunded", 7000)
    assert [line.refunded_quantity for line in whole.lines] == [3, 1]
    by_total = order_of(("Order Completed", BOUGHT), ("Order Refunded", {"total": 12.34}))
    assert (by_total.state, by_total.net_minor) == ("partly_refunded", 7000 - 1234)
    one_by_one = [("Order Refunded", {"products": [{"product_id": "a", "quantity": 1}]})] * 4
    by_lines = order_of(("Order Completed", BOUGHT), *one_by_one)
    # The fourth of three gives nothing more.
    assert (by_lines.refunded_minor, by_lines.lines[0].refunded_quantity) == (6000, 3)


def test_the_latest_word_holds_and_repeats_do_not_add() -> None:
    more = order_of(("Order Completed", BOUGHT), ("Order Updated", {"total": 90}))
    assert (more.total_minor, len(more.lines)) == (9000, 2)
    twice = order_of(("Order Completed", BOUGHT), ("Order Completed", BOUGHT))
    assert (twice.total_minor, twice.ordered_at) == (7000, START)
    gone = order_of(("Order Completed", BOUGHT), ("Order Cancelled", {}))
    assert (gone.state, gone.net_minor, gone.counts) == ("cancelled", 0, False)
