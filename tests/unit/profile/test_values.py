"""Identifiers, personal data, traits and orders, each by itself."""

import random
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain.identifiers import Identifier, Refused, mask, normalise
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.orders import Wrong, read_statement
from profile_service.domain.personal import may_be_personal, separate
from profile_service.domain.traits import Statement, Traits, fold, merge
from profile_service.phones import parse_phone


@pytest.mark.parametrize(
    ("kind", "scope", "written", "known"),
    [
        ("phone", "", "138 1234 5678", "+8613812345678"),
        ("phone", "", "+86-13812345678", "+8613812345678"),
        ("phone", "", "+1 (650) 253-0000", "+16502530000"),
        ("email", "", " Ann@Example.COM ", "ann@example.com"),
        ("email", "", "a@例子.中国", "a@xn--fsqu00a.xn--fiqs8s"),
        ("member_id", "", " 88 ", "88"),
        ("wechat_openid", "wx1", "oA", "oA"),
        ("loyalty_card", "", "𠮷1", "𠮷1"),
    ],
)
def test_one_spelling(kind: str, scope: str, written: str, known: str) -> None:
    assert normalise(kind, scope, written, parse_phone) == Identifier(kind, scope, known)


@pytest.mark.parametrize(
    ("kind", "written", "reason"),
    [
        ("phone", "12", "phone_invalid"),
        ("email", "a@b", "email_invalid"),
        ("user_id", "  ", "identifier_empty"),
        ("user_id", "undefined", "identifier_nobody"),
        ("device_id", "[object Object]", "identifier_nobody"),
        ("wechat_openid", "oA", "scope_missing"),
        ("user_id", "x" * 513, "identifier_too_long"),
    ],
)
def test_what_cannot_identify(kind: str, written: str, reason: str) -> None:
    found = normalise(kind, "", written, parse_phone, IdentitySettings())
    assert isinstance(found, Refused)
    assert found.reason == reason


def test_the_strongest_comes_first_and_unknown_types_last() -> None:
    assert sorted(["anonymous_id", "own_type", "phone", "user_id"], key=IdentitySettings().rank) == [
        "user_id",
        "phone",
        "anonymous_id",
        "own_type",
    ]


def test_masks_tell_nothing() -> None:
    assert mask("phone", "+8613812345678") == "+86138****5678"
    assert mask("email", "zhang@example.com") == "z***@example.com"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["13812345678", "a@b.cn"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, derandomize=True)
@given(st.dictionaries(st.sampled_from(["phone", "note", "Mobile", "items", "x"]), json_values, max_size=4))
def test_nothing_personal_is_left_and_the_quick_look_never_misses(data: dict[str, Any]) -> None:
    import json

    found = separate(data)
    shown = json.dumps(found.public)
    assert "13812345678" not in shown.replace('"13812345678":', "")
    assert not {"phone", "Mobile"} & found.public.keys()
    if found.held_back:
        assert may_be_personal(json.dumps(data, ensure_ascii=False).encode())


statements = st.lists(
    st.builds(
        Statement,
        st.tuples(st.integers(0, 4), st.sampled_from("abc")),
        st.dictionaries(st.sampled_from(["city", "tier"]), st.none() | st.integers(0, 3), max_size=2),
    ),
    max_size=8,
    unique_by=lambda s: s.stamp,
)


@settings(max_examples=400, derandomize=True)
@given(statements, st.integers(0, 10**6), st.integers(1, 4))
def test_traits_do_not_depend_on_order_or_batching(told: list[Statement], seed: int, size: int) -> None:
    empty = Traits({}, {})
    whole = merge(empty, told)
    shuffled = told[:]
    random.Random(seed).shuffle(shuffled)
    pieces = empty
    for start in range(0, len(shuffled), size):
        pieces = merge(pieces, shuffled[start : start + size])
    assert pieces == whole
    assert merge(whole, told) == whole, "a repeat changes nothing"
    # Split over two identities and folded, the person has the same traits.
    halves = [merge(empty, told[::2]), merge(empty, told[1::2])]
    assert fold(halves) == dict(sorted(whole.values.items()))


@pytest.mark.parametrize(
    ("properties", "minor"),
    [
        ({"total": 12.5}, 1250),
        ({"total": "19.99"}, 1999),
        ({"revenue": 1, "currency": "JPY"}, 1),
        ({"total": 0.1 + 0.2}, 30),
        ({"total": 0.125}, 12),
        ({"total": 5, "amount_minor": 7}, 7),
        ({"value": 1.5, "currency": "kwd"}, 1500),
    ],
)
def test_money_is_whole_minor_units(properties: dict[str, Any], minor: int) -> None:
    said = read_statement("Order Completed", properties, uuid4(), datetime.now(UTC))
    assert not isinstance(said, Wrong)
    assert said.amount_minor == minor


@pytest.mark.parametrize("total", [None, True, "a lot", -1, float("inf"), [1]])
def test_a_total_that_is_no_money_is_said(total: object) -> None:
    said = read_statement("Order Completed", {"total": total}, uuid4(), datetime.now(UTC))
    assert isinstance(said, Wrong)
    assert said.property == "total"
