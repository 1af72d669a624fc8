"""What a workspace does not have, or cannot hold, is pointed at, with the nearest name that it has."""

from typing import Any

import pytest
from rules import RuleError, Schema, Type, language, parse
from rules.nodes import NODES
from rules.operators import OPERATORS

SCHEMA = Schema(
    traits={"city": Type.TEXT, "age": Type.NUMBER, "spend": Type.MONEY, "vip": Type.BOOLEAN, "born": Type.DATE,
            "likes": Type.TEXTS, "home": Type.PLACE, "extra": Type.ANY},
    events={"Order Completed": {"total": Type.MONEY, "city": Type.TEXT, "products[].price": Type.MONEY}, "Page": None},
    tags={"worth.vip"},
    segments={"seg_1"},
    scores={"lead.engagement"},
    stages={"aipl": ["aware", "purchase"]},
    rfm={"default": {"eleven": ["champions", "lost"]}},
    journeys={"jrn_1"},
    thresholds={"spend"},
)  # fmt: skip
ORDER: dict[str, Any] = {"event": "Order Completed"}


def trait(name: str, op: str, value: Any) -> dict[str, Any]:
    return {"trait": name, "op": op, "value": value}


@pytest.mark.parametrize(
    ("rule", "pointer", "reason", "said"),
    [
        ({"all": [trait("ctiy", "eq", "x")]}, "/all/0/trait", "unknown_name", 'did you mean "city"?'),
        ({"event": "Order Complete"}, "/event", "unknown_name", 'did you mean "Order Completed"?'),
        ({"tag": "worth.vpi"}, "/tag", "unknown_name", 'did you mean "worth.vip"?'),
        ({"segment": "seg_2"}, "/segment", "unknown_name", 'did you mean "seg_1"?'),
        ({"score": "lead.engagment", "op": "gt", "value": 1}, "/score", "unknown_name", 'did you mean "lead.engagement"?'),
        ({"stage": "aipl", "in": ["aware", "purchse"]}, "/in/1", "unknown_name", 'did you mean "purchase"?'),
        ({"stage": "aarrr", "in": ["aware"]}, "/stage", "unknown_name", "no layering model"),
        ({"rfm": "default", "scheme": "elven", "group": ["lost"]}, "/scheme", "unknown_name", 'did you mean "eleven"?'),
        ({"rfm": "default", "scheme": "eleven", "group": ["champion"]}, "/group/0", "unknown_name", 'did you mean "champions"?'),
        ({"in_journey": "jrn_2"}, "/in_journey", "unknown_name", 'did you mean "jrn_1"?'),
        ({"message": {"state": "sent", "journey": "jrn_3"}}, "/message/journey", "unknown_name", "no journey"),
        (trait("age", "gt", {"trait": "agee"}), "/value/trait", "unknown_name", 'did you mean "age"?'),
        (trait("spend", "gt", {"percentile": {"of": "spent", "rank": 90}}), "/value/percentile/of", "unknown_name", 'did you mean "spend"?'),
        (ORDER | {"where": [{"property": "totl", "op": "gt", "value": 1}]}, "/where/0/property", "unknown_name", 'did you mean "total"?'),
        (ORDER | {"where": [{"not": {"property": "citty", "op": "exists"}}]}, "/where/0/not/property", "unknown_name", 'did you mean "city"?'),
        (ORDER | {"where": [{"property": "products", "where": [{"property": "prize", "op": "gt", "value": 1}]}]}, "/where/0/where/0/property", "unknown_name", 'did you mean "price"?'),
        ({"sequence": [ORDER, {"event": "Pag"}]}, "/sequence/1/event", "unknown_name", 'did you mean "Page"?'),
        ({"sequence": [ORDER, {"event": "Page"}], "without": {"event": "Pge"}}, "/without/event", "unknown_name", 'did you mean "Page"?'),
        ({"sequence": [ORDER, {"event": "Page"}], "same": {"Order Completed": "totals"}}, "/same/Order Completed", "unknown_name", 'did you mean "total"?'),
        (trait("age", "eq", "30"), "/value", "wrong_type", "expected a number"),
        (trait("age", "in", [1, "2"]), "/value/1", "wrong_type", "expected a number"),
        (trait("city", "in", ["x", 2]), "/value/1", "wrong_type", "expected a text"),
        (trait("vip", "eq", 1), "/value", "wrong_type", "expected true or false"),
        (trait("born", "gt", "soon"), "/value", "wrong_type", "RFC 3339"),
        (trait("spend", "gt", 99.5), "/value", "wrong_type", "minor units"),
        (trait("vip", "gt", 1), "/op", "wrong_type", '"gt" cannot read'),
        (trait("age", "starts_with", "3"), "/op", "wrong_type", '"starts_with" cannot read'),
        (trait("city", "within_last", "7d"), "/op", "wrong_type", '"within_last" cannot read'),
        (trait("city", "near", {"lat": 1, "lng": 1, "km": 1}), "/op", "wrong_type", '"near" cannot read'),
        (trait("likes", "any_of", ["a", 1]), "/value/1", "wrong_type", "expected a text"),
        (ORDER | {"where": [{"property": "products[].price", "op": "gt", "value": "9"}]}, "/where/0/value", "wrong_type", "minor units"),
        (ORDER | {"sum": {"property": "city", "gt": 1}}, "/sum/property", "wrong_type", "take the sum of"),
        (ORDER | {"last": {"property": "total", "eq": "1"}}, "/last/eq", "wrong_type", "minor units"),
        ({"account": {"any": trait("ctiy", "eq", "x")}}, "/account/any/trait", "unknown_name", 'did you mean "city"?'),
    ],
)  # fmt: skip
def test_a_fault_against_the_schema_is_pointed_at(rule: Any, pointer: str, reason: str, said: str) -> None:
    parse(rule)
    with pytest.raises(RuleError) as refused:
        parse(rule, schema=SCHEMA)
    assert [(each.pointer, str(each.reason)) for each in refused.value.errors] == [(pointer, reason)]
    assert said in refused.value.errors[0].detail


@pytest.mark.parametrize(
    "rule",
    [
        trait("city", "eq", "上海"), trait("age", "between", [1, 2.5]), trait("spend", "gte", 10_000), trait("vip", "eq", True),
        trait("born", "anniversary", "today"), trait("likes", "contains", "x"), trait("extra", "starts_with", "x"),
        trait("home", "near", {"lat": 1, "lng": 1, "km": 1}), trait("age", "lt", {"trait": "spend"}),
        trait("city", "changed", "7d"), {"trait": "home", "op": "exists"}, {"event": "Page", "where": [{"property": "x", "op": "exists"}]},
        ORDER | {"sum": {"property": "total", "gt": 500}, "where": [{"property": "city", "op": "ne", "value": "x"}]},
        {"message": {"state": "sent", "journey": "jrn_1"}}, {"stage": "aipl", "in": ["aware"]},
    ],
)  # fmt: skip
def test_what_fits_the_schema_is_read(rule: Any) -> None:
    assert parse(rule, schema=SCHEMA) == parse(rule)


def test_what_is_not_known_is_not_checked() -> None:
    rule = {"all": [trait("x", "gt", 1), {"event": "x"}, {"tag": "x"}, {"segment": "x"}, {"in_journey": "x"}]}
    assert parse(rule, schema=Schema()) == parse(rule)


def test_the_language_is_published_with_schemas_and_words() -> None:
    published = language()
    assert set(published["nodes"]) == set(NODES)
    assert set(published["operators"]) == set(OPERATORS)
    for kinds in (published["nodes"], published["predicates"], published["references"]):
        for key, kind in kinds.items():
            assert key in kind["properties"]
            assert kind["en"]
            assert kind["zh"]
    for name, operator in published["operators"].items():
        given = OPERATORS[name].operand.is_given
        assert given == (operator["value"] is not None)
        assert given == ("{value}" in operator["en"]) == ("{value}" in operator["zh"])
    assert published["operators"]["near"]["value"]["required"] == ["lat", "lng", "km"]
