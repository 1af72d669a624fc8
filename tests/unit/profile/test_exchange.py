"""What amounts of one currency are worth in another."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from profile_service.domain.exchange import MOST_RATE, Rate, Rates
from profile_service.domain.exchange_form import Fault, read_rates
from profile_service.domain.money import MOST, currency_of, minor_digits
from profile_service.domain.orders import Order, Statement, fold_order, rates_wanted, read_statement

DAY = date(2026, 10, 1)
START = datetime(2026, 10, 1, 23, 30, tzinfo=UTC)
RATES = Rates(
    "CNY",
    {
        ("USD", DAY): Rate(DAY - timedelta(days=3), Decimal("7.1055")),
        ("JPY", DAY): Rate(DAY, Decimal("0.0485")),
        ("KWD", DAY): Rate(DAY, Decimal("23.1")),
    },
)


@pytest.mark.parametrize(
    ("minor", "currency", "to", "worth"),
    [
        (1000, "USD", "CNY", 7106),  # 71.055: a half goes to the even one
        (3000, "USD", "CNY", 21316),  # 213.165
        (1000, "JPY", "CNY", 4850),
        (1001, "KWD", "CNY", 2312),
        (7106, "CNY", "USD", 1000),
        (7106, "CNY", "JPY", 1465),
        (99, "CNY", "CNY", 99),
        (99, "EUR", "EUR", 99),
        (1, "EUR", "CNY", None),
        (1, "CNY", "EUR", None),
    ],
)
def test_amounts_are_converted_by_the_digits_of_both_currencies(
    minor: int, currency: str, to: str, worth: int | None
) -> None:
    assert RATES.convert(minor, currency, to, DAY) == worth


def test_no_digit_of_a_large_amount_is_lost() -> None:
    exact = Rates("CNY", {("USD", DAY): Rate(DAY, Decimal("1.000000000001"))})
    assert exact.convert(10**15 - 1, "USD", "CNY", DAY) == 10**15 - 1 + 1000


def test_currencies_have_the_digits_of_iso_4217() -> None:
    assert [minor_digits(c) for c in ("CNY", "JPY", "KWD", "CLF", "XAU", "???")] == [2, 0, 3, 4, 2, 2]
    assert [currency_of({"currency": c}) for c in ("usd", " RMB ", 7, "")] == ["USD", "CNY", "", ""]


def order_of(*told: tuple[str, dict[str, Any]], rates: Rates = RATES) -> Order:
    said = []
    for n, (name, properties) in enumerate(told):
        # From the second on it is another day, whose rates must not matter.
        statement = read_statement(
            name, {"order_id": "o", **properties}, UUID(int=n), START + timedelta(hours=n)
        )
        assert isinstance(statement, Statement)
        said.append(statement)
    order = fold_order(reversed(said), rates)
    assert order is not None
    assert {day for _, day in rates_wanted(said, "CNY")} <= {DAY}
    return order


DOLLARS = {"total": 20, "currency": "USD", "products": [{"product_id": "a", "price": 5, "quantity": 3}]}


def test_an_order_and_its_refunds_take_the_rate_of_its_day() -> None:
    order = order_of(("Order Completed", DOLLARS), ("Order Refunded", {"total": 10}))
    assert (order.currency, order.total_minor, order.refunded_minor, order.net_minor) == (
        "CNY",
        14211,
        7106,
        7105,
    )
    assert [line.amount_minor for line in order.lines] == [10658]
    assert order.original is not None
    assert (order.original.currency, order.original.total_minor, order.original.refunded_minor) == (
        "USD",
        2000,
        1000,
    )
    assert order.original.rate == Rate(DAY - timedelta(days=3), Decimal("7.1055"))
    whole = order_of(("Order Completed", DOLLARS), ("Order Refunded", {}))
    assert (whole.state, whole.net_minor, whole.counts) == ("refunded", 0, False)


def test_a_refund_in_another_currency_than_the_order() -> None:
    home = order_of(("Order Completed", {"total": 100}), ("Order Refunded", {"total": 10, "currency": "USD"}))
    assert (home.refunded_minor, home.original) == (7106, None)
    back = order_of(("Order Completed", DOLLARS), ("Order Refunded", {"total": 71.06, "currency": "CNY"}))
    assert back.original is not None
    assert back.original.refunded_minor == 1000
    priced = {"products": [{"product_id": "a", "price": 1000, "quantity": 1}], "currency": "JPY"}
    assert order_of(("Order Completed", {"total": 100}), ("Order Refunded", priced)).refunded_minor == 4850
    unknown = order_of(
        ("Order Completed", {"total": 100}), ("Order Refunded", {"total": 1, "currency": "EUR"})
    )
    assert (unknown.refunded_minor, unknown.counts) == (0, True), "it is taken off once its rate is known"


def test_without_a_rate_an_order_is_kept_and_worth_nothing() -> None:
    for rates in (Rates("CNY"), Rates("CNY", {("USD", DAY): Rate(DAY, Decimal(MOST_RATE))})):
        total = MOST // 100 if rates.in_force else 20
        order = order_of(("Order Completed", {**DOLLARS, "total": total}), rates=rates)
        assert (order.total_minor, order.net_minor, order.counts) == (0, 0, False)
        assert order.original is not None
        assert (order.original.total_minor, order.original.rate) == (total * 100, None)


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        (("usd", "2026-10-01", "7"), "0/currency"),
        (("CNY", "2026-10-01", "7"), "0/currency"),
        (("USD", "2026-13-01", "7"), "0/day"),
        (("USD", "2026-10-01", "seven"), "0/rate"),
        (("USD", "2026-10-01", "0"), "0/rate"),
        (("USD", "9999-12-31", "7"), "0/day"),
        (("USD", "2026-10-01", "NaN"), "0/rate"),
        (("USD", "2026-10-01", "1_000"), "0/rate"),
        (("USD", "2026-10-01", "1e3"), "0/rate"),
        (("USD", "2026-10-01", "1000000.5"), "0/rate"),
        (("USD", "2026-10-01", "0.0000000000001"), "0/rate"),
    ],
)
def test_what_is_wrong_with_a_rate_is_told(stated: tuple[str, str, str], field: str) -> None:
    fault = read_rates([(*stated, "bank")], "CNY")
    assert isinstance(fault, Fault)
    assert fault.field == field


def test_a_currency_has_one_rate_a_day() -> None:
    twice = read_rates([("USD", "2026-10-01", "7", ""), ("USD", "2026-10-01", "7.1", "")], "CNY")
    assert isinstance(twice, Fault)
    assert twice.field == "1"
