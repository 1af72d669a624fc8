"""What each operator answers: true, false, or unknown (None)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules import Facts, describe, evaluate, explain, match, parse, parse_predicates
from rules.operators import OPERATORS

from . import _strategies as some
from ._reached import assert_floor, counter

NOON, NOON_CN = "2025-01-01T12:00:00Z", "2025-01-01T20:00:00.000+08:00"
OPPOSITES = [
    ("eq", "ne"), ("in", "not_in"), ("gt", "lte"), ("gte", "lt"), ("contains", "not_contains"),
    ("any_of", "none_of"), ("exists", "missing"),
]  # fmt: skip
WRONG_TYPE = [
    *[(op, 5, data) for op in ("gt", "gte", "lt", "lte") for data in ("5", True, [5], {"a": 5}, float("nan"))],
    *[(op, "5", data) for op in ("gt", "gte", "lt", "lte") for data in (5, False, ["5"])],
    ("gt", NOON, "not a date"), ("between", [1, 3], "2"), ("between", ["a", "c"], 2),
    ("contains", "a", 5), ("not_contains", "a", {"a": 1}), ("contains", 5, "5"), ("not_contains", True, True),
    ("starts_with", "a", ["a"]), ("ends_with", "1", 1), ("any_of", ["a"], {"a": 1}), ("all_of", [1], {}),
    ("none_of", [1], {}),
]  # fmt: skip
KNOWN = [
    ("eq", "上海", "上海", True), ("eq", "a", "A", False), ("eq", 1, 1.0, True), ("eq", 1, True, False),
    ("eq", True, 1, False), ("eq", "1", 1, False), ("eq", NOON, NOON_CN, True), ("eq", NOON, "noon", False),
    ("eq", [1, "a"], [1.0, "a"], True), ("eq", [1, "a"], ["a", 1], False), ("eq", [], [], True), ("eq", [1], 1, False),
    ("eq", "", "", True), ("ne", "a", {"a": 1}, True), ("ne", 1, "1", True), ("ne", "a", [None], True),
    ("in", ["a", 1], 1.0, True), ("in", [1], True, False), ("in", [NOON], NOON_CN, True), ("in", ["a"], ["a"], False),
    ("not_in", ["a"], "b", True), ("not_in", [True], True, False), ("not_in", ["a"], {}, True),
    ("gt", 1, 1.5, True), ("gt", 2, 2, False), ("gte", 2, 2.0, True), ("lt", 2**62, 2.0**62, False),
    ("lte", 2, 3, False), ("gt", "B", "a", True), ("lt", "10", "9", False), ("gt", "\uffff", "\U0001f600", True),
    ("gt", NOON, "2025-01-01T20:00:00.000001+08:00", True), ("lt", "2025-01-02", NOON, True), ("gte", NOON, NOON_CN, True),
    ("gt", "a", NOON, False), ("between", [1, 3], 1, True), ("between", [1, 3], 3.0, True), ("between", [1, 3], 3.1, False),
    ("between", ["2025-01-01", "2025-01-02"], NOON_CN, True), ("between", ["a", "b"], "b", True),
    ("contains", "海", "上海", True), ("contains", "", "a", True), ("contains", "a", ["b", "a"], True),
    ("contains", 1, [True], False), ("contains", "a", [None, ["a"]], False), ("not_contains", "a", [], True),
    ("starts_with", "上", "上海", True), ("starts_with", "a", "A", False), ("ends_with", "海", "上海", True),
    ("any_of", ["a", 1], [1.0], True), ("any_of", ["a"], "a", True), ("any_of", ["a"], [], False),
    ("all_of", ["a", "b"], ["b", "c", "a"], True), ("all_of", ["a", "b"], ["a"], False), ("all_of", ["a", "a"], "a", True),
    ("none_of", ["a"], [], True), ("none_of", ["a"], "a", False), ("none_of", [1], [True, "1"], True),
    ("exists", None, "", True), ("exists", None, [], True), ("exists", None, False, True), ("missing", None, 0, False),
]  # fmt: skip


def node(op: str, value: Any) -> dict[str, Any]:
    data = {"trait": "t", "op": op}
    return data | {"value": value} if OPERATORS[op].operand.is_given else data


def truth(op: str, value: Any, traits: dict[str, Any]) -> bool | None:
    explained = explain(parse(node(op, value)), Facts(traits))
    return bool(explained["result"]) if explained["known"] else None


@pytest.mark.parametrize(("op", "value", "data", "expected"), KNOWN)
def test_an_operator_answers(op: str, value: Any, data: Any, expected: bool) -> None:
    assert truth(op, value, {"t": data}) is expected
    where = parse_predicates(
        [{"property": "p.t", **{k: v for k, v in node(op, value).items() if k != "trait"}}]
    )
    assert match(where, {"p": {"t": data}}) is expected


@pytest.mark.parametrize(("op", "value", "data"), WRONG_TYPE)
def test_a_type_the_operator_cannot_read_is_unknown(op: str, value: Any, data: Any) -> None:
    assert truth(op, value, {"t": data}) is None
    assert not evaluate(parse(node(op, value)), Facts({"t": data}))
    assert not evaluate(parse({"not": node(op, value)}), Facts({"t": data}))


@pytest.mark.parametrize("op", sorted(OPERATORS))
@pytest.mark.parametrize("traits", [{}, {"t": None}])
def test_missing_is_unknown_to_all_but_exists_and_missing(op: str, traits: dict[str, Any]) -> None:
    assert truth(op, VALUES.get(op, 1), traits) is {"exists": False, "missing": True}.get(op)


VALUES: dict[str, Any] = {
    "between": [1, 2], "near": {"lat": 0, "lng": 0, "km": 1}, "weekday": ["mon"], "time_of_day": ["09:00", "18:00"],
    "during": "today", "anniversary": "today", "changed": "1d",
    **dict.fromkeys(("starts_with", "ends_with", "matches"), "a"),
    **{key: [1] for key in ("in", "not_in", "any_of", "all_of", "none_of")},
    **dict.fromkeys(("before", "after"), "2025-01-01"),
    **dict.fromkeys(("within_last", "within_next", "older_than"), "1d"),
}  # fmt: skip


@pytest.mark.parametrize("text", ["2025-02-30", "2025-1-1", "2025-01-01T00:00:00", "2025-01-01T24:00:00Z", "0000-01-01",
                                  "2025-01-01 00:00:00Z", "2025-01-01T00:00:00+0800", "2025-01-01\n", "２０２５-01-01"])  # fmt: skip
def test_what_is_no_rfc_3339_date_is_a_text(text: str) -> None:
    assert truth("gte", "2025-01-01", {"t": text}) is None
    assert truth("eq", text, {"t": text}) is True


def test_opposites_are_exact() -> None:
    reached = counter("opposites")

    @some.proven
    @given(st.sampled_from(OPPOSITES), st.data(), some.trait_values)
    def check(pair: tuple[str, str], data: st.DataObject, value: Any) -> None:
        shape = some.VALUES[pair[0]]
        literal = None if shape is None else data.draw(shape)
        one, other = (truth(op, literal, {"t": value}) for op in pair)
        assert other is (None if one is None else not one)
        for op, opposite in (pair, pair[::-1]):
            assert describe(parse({"not": node(op, literal)})) == describe(parse(node(opposite, literal)))
        reached.update({"cases": 1, "true": one is True, "false": one is False})
        reached.update({"missing": value is None, "mismatch": one is None and value is not None})

    check()
    assert_floor("opposites", true=30, false=75, missing=10, mismatch=20)


@pytest.mark.parametrize(
    ("op", "value", "en", "zh"),
    [
        ("eq", 1, "is 1", "为 1"),
        ("in", [1], "is one of [1]", "属于[1]之一"),
        ("gt", 1, "is more than 1", "大于 1"),
        ("gte", 1, "is at least 1", "不小于 1"),
        ("between", [1, 2], "is in the range [1, 2]", "在区间[1、2]内"),
        ("contains", "a", "contains “a”", "包含“a”"),
        ("starts_with", "a", "starts with “a”", "以“a”开头"),
        ("ends_with", "a", "ends with “a”", "以“a”结尾"),
        ("any_of", [1], "includes any of [1]", "含有[1]中任意一个"),
        ("all_of", [1], "includes all of [1]", "含有[1]中的全部"),
        ("exists", None, "is filled in", "已填写"),
    ],
)
def test_an_operator_is_said(op: str, value: Any, en: str, zh: str) -> None:
    assert describe(parse(node(op, value))) == {"en": f"People whose “t” {en}.", "zh": f"“t”{zh}的人。"}


def test_the_language_has_these_operators() -> None:
    """Removing a file must not pass unseen."""
    names = (
        "eq ne in not_in gt gte lt lte between contains not_contains starts_with ends_with matches exists missing "
        "any_of all_of none_of before after within_last within_next older_than anniversary changed changed_to near "
        "during weekday time_of_day"
    )
    assert set(OPERATORS) >= set(names.split())
