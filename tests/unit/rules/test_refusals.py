"""What is not understood is refused, with a pointer to it, and never ignored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules import MAX_DEPTH, MAX_NODES, MAX_VALUES, SUMMARY, RuleError, needs, parse, parse_predicates, render
from rules.nodes import NODES

from . import _language as whole
from . import _strategies as some
from ._reached import assert_floor, counter

A = {"trait": "a", "op": "exists"}
T = {"trait": "a", "op": "eq"}


def refusals(data: object, read: Any = parse) -> list[tuple[str, str]]:
    with pytest.raises(RuleError) as raised:
        read(data)
    assert all(problem.detail for problem in raised.value.errors)
    return [(problem.pointer, str(problem.reason)) for problem in raised.value.errors]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], [("", "not_an_object")]),
        (None, [("", "not_an_object")]),
        ({}, [("", "unknown_node")]),
        ({"foo": 1}, [("/foo", "unknown_key")]),
        ({"all": [A], "any": [A]}, [("", "ambiguous_node")]),
        ({"property": "a", "op": "exists"}, [("", "misplaced_node")]),
        ({"all": []}, [("/all", "empty_list")]),
        ({"any": {}}, [("/any", "not_a_list")]),
        ({"all": [A], "op": "eq"}, [("/op", "unknown_key")]),
        ({"not": {"any": [A, {"a/b~c": 1}]}}, [("/not/any/1/a~1b~0c", "unknown_key")]),
        ({"everyone": False}, [("/everyone", "bad_value")]),
        ({"event": "E", "within": "30 days"}, [("/within", "bad_value")]),
        ({"event": "E", "within": "0d"}, [("/within", "bad_value")]),
        ({"event": "E", "within": {"from": "2025-01-02", "to": "2025-01-02"}}, [("/within", "bad_value")]),
        ({"event": "E", "sum": {}, "where": []}, [("/where", "empty_list"), ("/sum", "missing_key")]),
        ({"event": "E", "sum": {"property": "p", "gtt": 1}}, [("/sum/gtt", "unknown_key")]),
        ({"event": "E", "first": {"property": "p"}}, [("/first", "missing_key")]),
        ({"event": "E", "last": {"property": "p", "eqq": 1}}, [("/last/eqq", "unknown_key")]),
        ({"event": "E", "where": [{"property": "p", "op": "changed", "value": "1d"}]}, [("/where/0/op", "misplaced_node")]),
        ({"event": "E", "where": [{"property": "p", "op": "eq"}, {"any": []}]}, [("/where/0", "missing_key"), ("/where/1/any", "empty_list")]),
        ({"sequence": [{"event": "E"}]}, [("/sequence", "not_a_list")]),
        ({"sequence": [{"event": "E"}, {"event": "F", "within": "1mo"}]}, [("/sequence/1/within", "bad_value")]),
        ({"sequence": [{"event": "E", "within": "1d"}, {"event": "F"}]}, [("/sequence/0/within", "unknown_key")]),
        ({"sequence": [{"event": "E"}, {"event": "F"}], "same": {"G": "p"}}, [("/same/G", "unknown_key")]),
        ({"tag": "t", "weight": {}}, [("/weight", "not_an_object")]),
        ({"score": "s", "op": "starts_with", "value": "a"}, [("/op", "wrong_type")]),
        ({"score": "s", "op": "gt", "value": "70"}, [("/value", "wrong_type")]),
        ({"rfm": "default"}, [("", "missing_key"), ("", "missing_key")]),
        ({"stage": "aipl", "in": []}, [("/in", "empty_list")]),
        ({"consent": {"channel": "sms", "purpos": "x"}}, [("/consent/purpos", "unknown_key"), ("/consent", "missing_key")]),
        ({"bucket": {"salt": "s", "from": 5, "to": 4}}, [("/bucket", "bad_value")]),
        ({"bucket": {"salt": "s", "from": 0, "to": 10_000}}, [("/bucket/to", "bad_value")]),
        ({"message": {"state": "clicked", "chanel": "sms"}}, [("/message/chanel", "unknown_key")]),
        ({"account": {"some": A}}, [("/account", "not_an_object")]),
        ({"account": {"any": {"trat": 1}}}, [("/account/any/trat", "unknown_key")]),
        ({"event": "E", "first": {"before": "today"}}, [("/first/before", "bad_value")]),
        ({"event": "E", "last": {"since": "2025-01-01"}}, [("/last/since", "unknown_key")]),
        ({"event": "E", "count": {}}, [("/count", "not_an_object")]),
        ({"event": "E", "count": {"gte": True, "lt": -1}}, [("/count/gte", "bad_value"), ("/count/lt", "bad_value")]),
        ({"event": "", "x": 1}, [("/x", "unknown_key"), ("/event", "bad_value")]),
        ({"trait": "a"}, [("", "missing_key")]),
        ({"trait": "a\0", "op": "exists"}, [("/trait", "bad_value")]),
        ({"trait": "a", "op": "equals", "value": 1}, [("/op", "unknown_operator")]),
        ({"trait": "a", "op": [], "value": 1}, [("/op", "unknown_operator")]),
        ({"trait": "a", "op": "matches", "value": "(?=x)"}, [("/value", "bad_value")]),
        ({"trait": "a", "op": "near", "value": {"lat": 91, "lng": 0, "km": 1}}, [("/value/lat", "bad_value")]),
        ({"trait": "a", "op": "anniversary", "value": {"in": "1mo"}}, [("/value/in", "bad_value")]),
        ({"trait": "a", "op": "changed_to", "value": {"to": []}}, [("/value/to", "bad_value")]),
        ({"trait": "a", "op": "weekday", "value": ["monday"]}, [("/value/0", "bad_value")]),
        ({"trait": "a", "op": "before", "value": "soon"}, [("/value", "bad_value")]),
        ({"trait": "a", "path": "b..c", "op": "exists"}, [("/path", "bad_value")]),
        ({"trait": "a", "op": "exists", "value": True}, [("/value", "unexpected_key")]),
        (T, [("", "missing_key")]),
        (T | {"value": None}, [("/value", "bad_value")]),
        (T | {"value": {"trait": ""}}, [("/value/trait", "bad_value")]),
        (T | {"value": {"traits": "b"}}, [("/value", "bad_value")]),
        (T | {"value": {"percentile": {"of": "spend", "rank": 100}}}, [("/value/percentile/rank", "bad_value")]),
        (T | {"op": "in", "value": {"trait": "b"}}, [("/value", "not_a_list")]),
        (T | {"value": "\ud800"}, [("/value", "bad_value")]),
        (T | {"value": 2**63}, [("/value", "bad_value")]),
        (T | {"value": float("inf")}, [("/value", "bad_value")]),
        (T | {"op": "in", "value": "x"}, [("/value", "not_a_list")]),
        (T | {"op": "in", "value": []}, [("/value", "empty_list")]),
        (T | {"op": "in", "value": [1, None, []]}, [("/value/1", "bad_value"), ("/value/2", "bad_value")]),
        (T | {"op": "gt", "value": True}, [("/value", "bad_value")]),
        (T | {"op": "starts_with", "value": 1}, [("/value", "bad_value")]),
        (T | {"op": "between", "value": [3, 1]}, [("/value", "bad_value")]),
        (T | {"op": "between", "value": [1, "2"]}, [("/value", "bad_value")]),
        (T | {"op": "between", "value": ["2025-01-01", "z"]}, [("/value", "bad_value")]),
        ({"all": [T, {"not": {}}, {"event": 5}]}, [("/all/0", "missing_key"), ("/all/1/not", "unknown_node"), ("/all/2/event", "bad_value")]),
        ({"\ud800": 1}, [("/?", "unknown_key")]),
    ],
)  # fmt: skip
def test_a_fault_is_pointed_at(data: object, expected: list[tuple[str, str]]) -> None:
    assert refusals(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [("", "not_a_list")]),
        ([A], [("/0/trait", "unknown_key"), ("/0", "missing_key")]),
        ([5], [("/0", "not_an_object")]),
        ([{"property": "a..b", "op": "exists"}], [("/0/property", "bad_value")]),
        ([{"property": "a[]b", "op": "exists"}], [("/0/property", "bad_value")]),
        ([{"property": "a", "op": "eq", "value": {"trait": "b"}}], [("/0/value", "unsupported_node")]),
        ([{"property": "a", "op": "within_last", "value": "1d"}], [("/0/op", "unsupported_operator")]),
        (
            [{"any": [{"property": "a", "op": "before", "value": {"ago": "1d"}}]}],
            [("/0/any/0/value", "unsupported_node")],
        ),
        ([{"property": "a", "op": "gt", "value": []}], [("/0/value", "bad_value")]),
    ],
)
def test_a_fault_in_predicates_is_pointed_at(data: object, expected: list[tuple[str, str]]) -> None:
    assert refusals(data, parse_predicates) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"all": [{"tag": "x"}, {"segment": "y"}]}, [("/all/0", "unsupported_node"), ("/all/1", "unsupported_node")]),
        ({"event": "E", "within": "30d"}, [("/within", "unsupported_node")]),
        ({"event": "E", "sum": {"property": "p", "gt": 1}, "count": {"gte": 1}}, [("/sum", "unsupported_node")]),
        ({"event": "E", "where": [{"property": "p", "op": "exists"}]}, [("/where", "unsupported_node")]),
        ({"event": "E", "first": {"property": "p", "eq": 1}}, [("/first", "unsupported_node")]),
        ({"event": "E", "first": {"within": "30d"}}, [("/first/within", "unsupported_node")]),
        ({"not": {"sequence": [{"event": "E"}, {"event": "F"}]}}, [("/not", "unsupported_node")]),
        ({"trait": "a", "op": "within_last", "value": "7d"}, [("/op", "unsupported_operator")]),
        ({"trait": "a", "op": "changed", "value": {"from": "2025-01-01"}}, [("/op", "unsupported_operator")]),
        ({"trait": "a", "op": "before", "value": {"ago": "7d"}}, [("/value", "unsupported_node")]),
        ({"account": {"any": {"tag": "x"}}}, [("/account/any", "unsupported_node"), ("", "unsupported_node")]),
    ],
)  # fmt: skip
def test_what_would_be_unknown_for_want_of_facts_is_refused(
    data: object, expected: list[tuple[str, str]]
) -> None:
    parse(data)
    assert refusals(data, lambda rule: parse(rule, loads=SUMMARY)) == expected


def test_whatever_is_let_through_looks_at_nothing_else() -> None:
    reached = counter("loads")

    @whole.proven
    @given(whole.rules)
    def check(data: dict[str, Any]) -> None:
        kinds = {need.kind for need in needs(parse(data))}
        try:
            parse(data, loads=SUMMARY)
        except RuleError as refused:
            assert kinds - SUMMARY
            for problem in refused.errors:
                _resolve(data, problem.pointer)
        else:
            assert kinds <= SUMMARY
        reached.update({"cases": 1, "refused": bool(kinds - SUMMARY), "let through": kinds <= SUMMARY})

    check()
    assert_floor("loads", **{"refused": 50, "let through": 8})


def nested(depth: int) -> dict[str, Any]:
    return A if depth == 1 else {"not": nested(depth - 1)}


def test_limits() -> None:
    parse(nested(MAX_DEPTH))
    assert refusals(nested(MAX_DEPTH + 1)) == [("/not" * MAX_DEPTH, "too_deep")]
    parse({"all": [A] * (MAX_NODES - 1)})
    assert refusals({"all": [A] * (MAX_NODES + 5)}) == [(f"/all/{MAX_NODES - 1}", "too_many_nodes")]
    parse(T | {"op": "in", "value": list(range(MAX_VALUES))})
    assert refusals(T | {"value": [1] * (MAX_VALUES + 1)}) == [("/value", "too_many_values")]
    assert refusals([A] * (MAX_NODES + 1), parse_predicates) == [("", "too_many_nodes")]
    endless: dict[str, Any] = {}
    endless["not"] = endless
    assert refusals(endless) == [("/not" * MAX_DEPTH, "too_deep")]


def test_flags_and_numbers_are_different_rules() -> None:
    assert parse(T | {"value": True}) != parse(T | {"value": 1})
    assert parse(T | {"value": 1.0}) == parse(T | {"value": 1})


def _graft(data: Any, path: list[int], scion: object) -> Any:
    """The rule with one node, or the whole of it, replaced."""
    key = next((key for key in ("all", "any", "not") if isinstance(data, dict) and key in data), None)
    if not path or key is None:
        return scion
    if key == "not":
        return {key: _graft(data[key], path[1:], scion)}
    at = path[0] % len(data[key])
    return {key: [_graft(each, path[1:], scion) if i == at else each for i, each in enumerate(data[key])]}


def test_any_json_is_read_or_refused() -> None:
    reached = counter("parse")
    words = [*NODES, "op", "value", "count", "first", "where", "x"]
    junk = (
        some.json_values | st.dictionaries(st.sampled_from(words), some.json_values, max_size=3) | whole.rules
    )

    @some.proven
    @given(whole.rules, st.lists(st.integers(0, 2), max_size=4), junk)
    def check(data: dict[str, Any], path: list[int], scion: object) -> None:
        grafted = _graft(data, path, scion)
        try:
            rule = parse(grafted)
        except RuleError as refused:
            pointers = [problem.pointer for problem in refused.errors]
            for pointer in pointers or ["/no problem was named"]:
                _resolve(grafted, pointer)
            reached.update({"cases": 1, "refused": 1, "deep": any(p.count("/") > 1 for p in pointers)})
        else:
            assert parse(render(rule)) == rule
            reached.update({"cases": 1, "read": 1})

    check()
    assert_floor("parse", refused=100, deep=30, read=30)


def _resolve(data: Any, pointer: str) -> None:
    """Follows a JSON pointer; fails if it points at nothing."""
    for step in pointer.split("/")[1:]:
        data = data[int(step)] if isinstance(data, list) else data[step.replace("~1", "/").replace("~0", "~")]
