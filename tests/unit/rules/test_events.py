"""Event nodes, and predicates over one event's properties."""

from typing import Any

import pytest
from rules import EventState, Facts, describe, evaluate, explain, match, parse, parse_predicates

DAY = 86_400_000
EPOCH, DAY_TWO = "1970-01-01T00:00:00Z", "1970-01-02"
THRICE = EventState(3, 0, DAY)


def truth(conditions: dict[str, Any], state: EventState | None) -> bool | None:
    facts = Facts({}, {} if state is None else {"E": state})
    explained = explain(parse({"event": "E", **conditions}), facts)
    assert explained["result"] is evaluate(parse({"event": "E", **conditions}), facts)
    return bool(explained["result"]) if explained["known"] else None


@pytest.mark.parametrize(
    ("conditions", "state", "expected"),
    [
        ({}, None, False),
        ({}, EventState(0), False),
        ({}, EventState(1), True),
        ({"count": {"eq": 0}}, None, True),
        ({"count": {"gte": 3}}, THRICE, True),
        ({"count": {"gt": 3}}, THRICE, False),
        ({"count": {"lte": 3}}, THRICE, True),
        ({"count": {"lt": 3}}, THRICE, False),
        ({"count": {"ne": 3}}, THRICE, False),
        ({"count": {"gte": 1, "lt": 4}}, THRICE, True),
        ({"first": {"before": DAY_TWO}}, THRICE, True),
        ({"first": {"before": EPOCH}}, THRICE, False),
        ({"last": {"after": EPOCH}}, THRICE, True),
        ({"last": {"after": "1970-01-02T08:00:00+08:00"}}, THRICE, False),
        ({"last": {"after": EPOCH, "before": "1970-01-03"}}, THRICE, True),
        ({"first": {"before": DAY_TWO}}, None, False),
        ({"count": {"lt": 5}, "first": {"before": DAY_TWO}}, None, False),
        ({"first": {"before": DAY_TWO}}, EventState(1), None),
        ({"count": {"gte": 2}, "first": {"before": DAY_TWO}}, EventState(1), False),
    ],
)
def test_an_event_node_answers(
    conditions: dict[str, Any], state: EventState | None, expected: bool | None
) -> None:
    assert truth(conditions, state) is expected


def test_explaining_an_event_shows_its_state() -> None:
    explained = explain(parse({"event": "E"}), Facts({}, {"E": EventState(2, -1, 10**18)}))
    assert explained["value"] == {"count": 2, "first": "1969-12-31T23:59:59.999Z", "last": None}


@pytest.mark.parametrize(
    ("rule", "en", "zh"),
    [
        ({"everyone": True}, "People of any kind.", "不限条件的人。"),
        ({"event": "E"}, "People who did “E”.", "做过“E”的人。"),
        ({"not": {"event": "E"}}, "People who never did “E”.", "从未做过“E”的人。"),
        (
            {"not": {"event": "E", "count": {"gte": 2}}},
            "People who did “E” fewer than 2 times.",
            "做过“E”少于 2 次的人。",
        ),
        (
            {
                "all": [
                    {"trait": "city", "op": "in", "value": ["上海", 5]},
                    {"any": [{"event": "E"}, {"event": "F"}]},
                ]
            },
            "People whose “city” is one of [“上海”, 5] and (who did “E” or who did “F”).",
            "“city”属于[“上海”、5]之一，且（做过“E”，或做过“F”）的人。",
        ),
        (
            {"event": "E", "count": {"gte": 1, "lte": 3}, "first": {"before": "2025-01-01"}},
            "People who did “E” at least 1 time and at most 3 times (the first before 2025-01-01).",
            "做过“E”至少 1 次、至多 3 次（首次早于 2025-01-01）的人。",
        ),
        (
            {
                "not": {
                    "all": [
                        {"trait": "vip", "op": "eq", "value": True},
                        {"trait": "age", "op": "gt", "value": 30},
                    ]
                }
            },
            "People whose “vip” is filled in and is not true or whose “age” is at most 30.",
            "“vip”已填写且不为“是”，或“age”不大于 30的人。",
        ),
        (
            {"trait": "n", "op": "in", "value": list(range(9))},
            "People whose “n” is one of [0, 1, 2, 3, 4, 4 more].",
            "“n”属于[0、1、2、3、4、另外 4 个]之一的人。",
        ),
        (
            {"trait": "{x}", "op": "eq", "value": "{value}"},
            "People whose “{x}” is “{value}”.",
            "“{x}”为“{value}”的人。",
        ),
    ],
)
def test_a_rule_is_said(rule: dict[str, Any], en: str, zh: str) -> None:
    assert describe(parse(rule)) == {"en": en, "zh": zh}


def test_predicates_are_a_conjunction_over_dotted_paths() -> None:
    where = parse_predicates(
        [
            {"property": "total", "op": "gte", "value": 100},
            {"property": "shop.city", "op": "eq", "value": "上海"},
        ]
    )
    assert match(where, {"total": 100, "shop": {"city": "上海"}})
    assert not match(where, {"total": 99, "shop": {"city": "上海"}})
    assert not match(where, {"total": 100, "shop": "上海"})
    assert not match(where, {})
    assert match(parse_predicates([]), {})
    assert match(parse_predicates([{"property": "shop.city", "op": "missing"}]), {"shop": {"city": None}})
    assert where[0].render() == {"property": "total", "op": "gte", "value": 100}
