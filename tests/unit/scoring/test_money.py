"""Amounts as they are written in events."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from chassis.errors import DataError
from scoring_service.domain.money import MOST, NotAnAmount, amount_minor
from scoring_service.events.consumers import heard_of
from waypost.profile.v1 import profile_events_pb2


@pytest.mark.parametrize(
    ("properties", "minor"),
    [
        ({"total": 12}, 1200),
        ({"total": Decimal("19.99")}, 1999),
        ({"total": 19.99}, 1999),
        ({"total": Decimal("0.125")}, 12),
        ({"total": Decimal("0.135")}, 14),
        ({"total": 0}, 0),
        ({"total": 1200, "currency": "JPY"}, 1200),
        ({"total": Decimal("1.234"), "currency": "kwd"}, 1234),
        ({"total": 5, "currency": "CNY"}, 500),
        ({"total": "x", "amount_minor": 7}, 7),
        ({"total": 3, "amount_minor": None}, 300),
        ({"amount_minor": Decimal("7.0")}, 7),
    ],
)
def test_amounts(properties: dict[str, Any], minor: int) -> None:
    assert amount_minor(properties) == minor


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"total": None},
        {"total": "12.50"},
        {"total": True},
        {"total": [1]},
        {"total": -1},
        {"total": MOST},
        {"total": Decimal("1e999999")},
        {"total": float("nan")},
        {"amount_minor": Decimal("1.5")},
        {"amount_minor": "7"},
    ],
)
def test_what_is_not_an_amount(properties: dict[str, Any]) -> None:
    with pytest.raises(NotAnAmount):
        amount_minor(properties)


@pytest.mark.parametrize("raw", [b'{"total": "12"}', b"[1]", b"{", b'{"total": 1e400000}'])
def test_a_record_that_cannot_be_scored_says_so(raw: bytes) -> None:
    record = profile_events_pb2.ProfileRecord()
    for field in ("identity_id", "profile_id"):
        setattr(record.person, field, "01890a5d-ac96-774b-bcce-b302099a8057")
    record.meta.record_id = "01890a5d-ac96-774b-bcce-b302099a8058"
    record.event.name = "Order Completed"
    record.event.properties_json = raw
    with pytest.raises(DataError):
        heard_of([record.SerializeToString()])
    record.event.name = "Something Else"
    assert heard_of([record.SerializeToString()])[0].order is None
    record.event.name = "Order Completed"
    record.event.properties_json = msgspec.json.encode({"total": 12.34})
    order = heard_of([record.SerializeToString()])[0].order
    assert order is not None
    assert order.amount_minor == 1234
