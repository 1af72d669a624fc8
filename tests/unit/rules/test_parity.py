"""What other systems can ask of a person can be asked here: their operators, each with a rule that says the same.

A row is (system, operator, rule, facts that it selects, facts that it does not). The lists are those of Dittofeed, Unomi,
Mautic, Parcelvoy, Segment Engage, Braze and Customer.io, and what most of them lack.
"""

from typing import Any

import pytest
from rules import (
    Consent,
    Facts,
    Happening,
    MessageState,
    TagState,
    TraitChange,
    describe,
    evaluate,
    normalise,
    parse,
    render,
    state_of,
)

DAY, NOW = 86_400_000, 1_743_379_200_000  # 2025-03-31T00:00:00Z, a Monday
Row = tuple[str, dict[str, Any], Facts, Facts | None]
ORDER, VIEW = "Order Completed", "Product Viewed"


def traits(**values: Any) -> Facts:
    return Facts(values, now_ms=NOW)


def did(*events: tuple[str, float] | tuple[str, float, dict[str, Any]], **more: Any) -> Facts:
    """(name, days ago, properties)."""
    history: dict[str, list[Happening]] = {}
    for n, (name, ago, *properties) in enumerate(events):
        happening = Happening(NOW - round(ago * DAY), properties[0] if properties else {}, str(n))
        history.setdefault(name, []).append(happening)
    states = {name: state_of(each) for name, each in history.items()}
    return Facts({}, states, NOW, history=history, **more)


def trait(op: str, *value: Any, name: str = "t") -> dict[str, Any]:
    return {"trait": name, "op": op} | ({"value": value[0]} if value else {})


def where(op: str, value: Any, name: str = "total") -> list[dict[str, Any]]:
    return [{"property": name, "op": op, "value": value}]


def changed(ago: float, before: Any, after: Any) -> Facts:
    change = TraitChange(NOW - round(ago * DAY), before, after)
    return Facts({"t": after}, now_ms=NOW, changes={"t": [change]})


def message(ago: float, state: str, **about: str) -> Facts:
    return Facts(now_ms=NOW, messages=[MessageState(NOW - round(ago * DAY), state, about)])


A, B = trait("eq", 1, name="a"), trait("eq", 1, name="b")
NONE = Facts(
    now_ms=NOW,
    history={},
    changes={},
    tags={},
    segments=(),
    scores={},
    rfm={},
    stages={},
    consents=(),
    journeys=(),
    messages=(),
    account=(),
)
SMS = {"consent": {"channel": "sms", "purpose": "marketing"}}
IN_SEGMENT = Facts(segments=("seg_1",))
SH, NEAR_SH = {"lat": 31.23, "lng": 121.47}, {"lat": 31.25, "lng": 121.5}
FUNNEL = {
    "sequence": [{"event": VIEW}, {"event": ORDER, "within": "2d"}],
    "same": {VIEW: "id", ORDER: "products[].id"},
}

DITTOFEED: list[Row] = [
    ("Trait Equals", trait("eq", "x"), traits(t="x"), traits(t="y")),
    ("Trait NotEquals", trait("ne", "x"), traits(t="y"), traits(t="x")),
    ("Trait Within", trait("within_last", "7d"), traits(t="2025-03-25"), traits(t="2025-03-20")),
    ("Trait HasBeen at least", {"all": [trait("eq", "x"), {"not": trait("changed", "7d")}]}, changed(8, None, "x"), changed(6, None, "x")),
    ("Trait HasBeen less than", {"all": [trait("eq", "x"), trait("changed", "7d")]}, changed(6, None, "x"), changed(8, None, "x")),
    ("Trait Exists", trait("exists"), traits(t=0), traits()),
    ("Trait NotExists", trait("missing"), traits(), traits(t=0)),
    ("Trait GreaterThanOrEqual", trait("gte", 5), traits(t=5), traits(t=4)),
    ("Trait LessThan", trait("lt", 5), traits(t=4), traits(t=5)),
    ("Trait AbsoluteTimestamp", trait("after", "2025-01-01"), traits(t="2025-01-02"), traits(t="2025-01-01")),
    ("And", {"all": [A, B]}, traits(a=1, b=1), traits(a=1)),
    ("Or", {"any": [A, B]}, traits(b=1), traits()),
    ("Performed times =", {"event": ORDER, "count": {"eq": 2}}, did((ORDER, 1), (ORDER, 2)), did((ORDER, 1))),
    ("Performed times >=", {"event": ORDER, "count": {"gte": 2}}, did((ORDER, 1), (ORDER, 2)), did((ORDER, 1))),
    ("Performed times <", {"event": ORDER, "count": {"lt": 2}}, NONE, did((ORDER, 1), (ORDER, 2))),
    ("Performed within", {"event": ORDER, "within": "30d"}, did((ORDER, 29.9)), did((ORDER, 30))),
    ("Performed after", {"event": ORDER, "within": {"from": "2025-03-01"}}, did((ORDER, 30)), did((ORDER, 31))),
    ("Performed before", {"event": ORDER, "within": {"to": "2025-03-01"}}, did((ORDER, 31)), did((ORDER, 30))),
    ("Performed property filter", {"event": ORDER, "where": where("gte", 100)}, did((ORDER, 1, {"total": 100})), did((ORDER, 1, {"total": 99}))),
    ("LastPerformed", {"event": ORDER, "last": {"property": "total", "gt": 5}}, did((ORDER, 2, {"total": 1}), (ORDER, 1, {"total": 6})), did((ORDER, 1, {"total": 1}), (ORDER, 2, {"total": 6}))),
    ("KeyedPerformed", {"event": ORDER, "where": where("eq", "c7", "cart_id")}, did((ORDER, 1, {"cart_id": "c7"})), did((ORDER, 1, {"cart_id": "c8"}))),
    ("Broadcast", {"message": {"campaign": "cmp_1", "state": "sent"}}, message(1, "sent", campaign="cmp_1"), message(1, "sent", campaign="cmp_2")),
    ("SubscriptionGroup", SMS, Facts(consents=(Consent("sms", "marketing"),)), NONE),
    ("SubscriptionGroupUnsubscribed", {"not": SMS}, NONE, Facts(consents=(Consent("sms", "marketing"),))),
    ("Email", {"message": {"channel": "email", "content": "cnt_1", "state": "opened"}}, message(1, "opened", channel="email", content="cnt_1"), message(1, "sent", channel="email", content="cnt_1")),
    ("Manual", {"segment": "seg_1"}, IN_SEGMENT, NONE),
    ("RandomBucket", {"bucket": {"salt": "s", "from": 0, "to": 9_999}}, Facts(person_id="p"), NONE),
    ("Everyone", {"everyone": True}, NONE, None),
    ("Includes", trait("contains", "x"), traits(t=["x", "y"]), traits(t=["y"])),
]  # fmt: skip
UNOMI: list[Row] = [
    ("exists", trait("exists"), traits(t=""), traits()),
    ("missing", trait("missing"), traits(), traits(t="")),
    ("equals", trait("eq", 1), traits(t=1), traits(t=2)),
    ("notEquals", trait("ne", 1), traits(t=2), traits(t=1)),
    ("lessThan", trait("lt", 1), traits(t=0), traits(t=1)),
    ("lessThanOrEqualTo", trait("lte", 1), traits(t=1), traits(t=2)),
    ("greaterThan", trait("gt", 1), traits(t=2), traits(t=1)),
    ("greaterThanOrEqualTo", trait("gte", 1), traits(t=1), traits(t=0)),
    ("between", trait("between", [1, 3]), traits(t=3), traits(t=4)),
    ("contains", trait("contains", "b"), traits(t="abc"), traits(t="ac")),
    ("notContains", trait("not_contains", "b"), traits(t="ac"), traits(t="abc")),
    ("startsWith", trait("starts_with", "a"), traits(t="ab"), traits(t="ba")),
    ("endsWith", trait("ends_with", "b"), traits(t="ab"), traits(t="ba")),
    ("matchesRegex", trait("matches", "^1[3-9][0-9]{9}$"), traits(t="13800138000"), traits(t="12800138000")),
    ("in", trait("in", ["a", "b"]), traits(t="a"), traits(t="c")),
    ("notIn", trait("not_in", ["a", "b"]), traits(t="c"), traits(t="a")),
    ("inContains", {"any": [trait("contains", "ab"), trait("contains", "cd")]}, traits(t="xcdx"), traits(t="xacx")),
    ("hasSomeOf", trait("any_of", ["a", "b"]), traits(t=["b", "z"]), traits(t=["z"])),
    ("hasNoneOf", trait("none_of", ["a", "b"]), traits(t=["z"]), traits(t=["b", "z"])),
    ("all", trait("all_of", ["a", "b"]), traits(t=["a", "b", "c"]), traits(t=["a"])),
    ("isDay", trait("during", {"from": "2025-03-01", "to": "2025-03-02"}), traits(t="2025-03-01T23:59:59Z"), traits(t="2025-03-02")),
    ("isNotDay", {"not": trait("during", {"from": "2025-03-01", "to": "2025-03-02"})}, traits(t="2025-03-02"), traits(t="2025-03-01")),
    ("distance", trait("near", SH | {"km": 10}), traits(t=NEAR_SH), traits(t={"lat": 39.9, "lng": 116.4})),
    ("boolean", {"any": [{"all": [A, B]}, {"all": [{"not": A}, B]}]}, traits(a=2, b=1), traits(a=1, b=2)),
    ("not", {"not": A}, traits(a=2), traits(a=1)),
    ("nested", {"trait": "t", "where": [{"property": "k", "op": "eq", "value": 1}, {"property": "v", "op": "gt", "value": 5}]}, traits(t=[{"k": 1, "v": 6}]), traits(t=[{"k": 1, "v": 5}, {"k": 2, "v": 6}])),
    ("ids", trait("in", ["p1", "p2"], name="user_id"), traits(user_id="p1"), traits(user_id="p3")),
    ("matchAll", {"everyone": True}, NONE, None),
    ("profileProperty", trait("eq", "x"), traits(t="x"), traits(t="y")),
    ("profileSegment", {"segment": "seg_1"}, IN_SEGMENT, NONE),
    ("profileUserList", {"segment": "seg_1"}, IN_SEGMENT, NONE),
    ("scoring", {"score": "lead", "op": "gte", "value": 70}, Facts(scores={"lead": 70}), Facts(scores={"lead": 69})),
    ("goalMatch", {"event": "Goal Reached", "where": where("eq", "g1", "goal")}, did(("Goal Reached", 1, {"goal": "g1"})), did(("Goal Reached", 1, {"goal": "g2"}))),
    ("pastEvent eventsOccurred, numberOfDays, min and max count", {"event": ORDER, "within": "30d", "count": {"gte": 1, "lte": 2}}, did((ORDER, 1)), did((ORDER, 1), (ORDER, 2), (ORDER, 3))),
    ("pastEvent eventsNotOccurred", {"event": ORDER, "within": "30d", "count": {"eq": 0}}, did((ORDER, 31)), did((ORDER, 1))),
    ("pastEvent fromDate toDate", {"event": ORDER, "within": {"from": "2025-03-01", "to": "2025-03-10"}}, did((ORDER, 30)), did((ORDER, 21))),
    ("new visitor", {"event": "Page", "first": {"within": "1d"}}, did(("Page", 0.5)), did(("Page", 0.5), ("Page", 2))),
    ("returning visitor", {"event": "Page", "first": {"before": "2025-03-30T00:00:00Z"}, "last": {"within": "1d"}}, did(("Page", 0.5), ("Page", 2)), did(("Page", 0.5))),
    ("session duration", {"event": "Session Ended", "where": where("gte", 300, "seconds")}, did(("Session Ended", 1, {"seconds": 300})), did(("Session Ended", 1, {"seconds": 10}))),
    ("geo", {"event": "Session Started", "where": where("eq", "CN", "geo.country")}, did(("Session Started", 1, {"geo": {"country": "CN"}})), did(("Session Started", 1, {"geo": {"country": "JP"}}))),
    ("consent events", SMS, Facts(consents=(Consent("sms", "marketing"),)), NONE),
    ("video view", {"event": "Video Completed", "where": where("eq", "v1", "video")}, did(("Video Completed", 1, {"video": "v1"})), NONE),
]  # fmt: skip
MAUTIC: list[Row] = [
    ("equals", trait("eq", "x"), traits(t="x"), traits(t="y")),
    ("not equal", trait("ne", "x"), traits(t="y"), traits(t="x")),
    ("gt", trait("gt", 1), traits(t=2), traits(t=1)),
    ("gte", trait("gte", 1), traits(t=1), traits(t=0)),
    ("empty", {"any": [trait("missing"), trait("in", [""]), trait("eq", [])]}, traits(t=[]), traits(t="x")),
    ("not empty", {"not": {"any": [trait("missing"), trait("eq", "")]}}, traits(t="x"), traits(t="")),
    ("like a%", trait("starts_with", "a"), traits(t="ab"), traits(t="ba")),
    ("like %a%b", trait("matches", "a.*b$"), traits(t="xaxb"), traits(t="xbxa")),
    ("not like", {"not": trait("matches", "a.*b$")}, traits(t="xbxa"), traits(t="xaxb")),
    ("regexp", trait("matches", "[0-9]+"), traits(t="a1"), traits(t="a")),
    ("not regexp", {"not": trait("matches", "[0-9]+")}, traits(t="a"), traits(t="a1")),
    ("starts with", trait("starts_with", "a"), traits(t="ab"), traits(t="ba")),
    ("ends with", trait("ends_with", "a"), traits(t="ba"), traits(t="ab")),
    ("contains", trait("contains", "b"), traits(t="abc"), traits(t="ac")),
    ("include a|b", trait("any_of", ["a", "b"]), traits(t=["a"]), traits(t=["c"])),
    ("exclude a|b", trait("none_of", ["a", "b"]), traits(t=["c"]), traits(t=["a"])),
    ("-2 days", trait("before", {"ago": "2d"}), traits(t="2025-03-28T23:59:59Z"), traits(t="2025-03-29")),
    ("birthday -7 days", trait("anniversary", {"ago": "7d"}), traits(t="1990-03-24"), traits(t="1990-03-25")),
    ("anniversary", trait("anniversary", "today"), traits(t="1990-03-31"), traits(t="1990-03-30")),
    ("last week", trait("during", "last_week"), traits(t="2025-03-30"), traits(t="2025-03-31")),
    ("first day of previous month", trait("eq", {"start_of": "last_month"}), traits(t="2025-02-01"), traits(t="2025-02-02")),
    ("behaviour: visited page", {"event": "Page", "where": where("contains", "/price", "url")}, did(("Page", 1, {"url": "/price/1"})), did(("Page", 1, {"url": "/"}))),
    ("behaviour: read email", {"message": {"channel": "email", "state": "opened"}, "within": "7d"}, message(1, "opened", channel="email"), message(8, "opened", channel="email")),
    ("static segment", {"segment": "seg_1"}, IN_SEGMENT, NONE),
    ("dynamic segment", {"not": {"segment": "seg_1"}}, NONE, IN_SEGMENT),
    ("manual adds survive filters", {"any": [A, {"segment": "seg_1"}]}, IN_SEGMENT, NONE),
    ("groups", {"any": [{"all": [A, B]}, {"all": [A, trait("eq", 1, name="c")]}]}, traits(a=1, c=1), traits(b=1, c=1)),
]  # fmt: skip
PARCELVOY: list[Row] = [
    ("=", trait("eq", 1), traits(t=1), traits(t=2)),
    ("!=", trait("ne", 1), traits(t=2), traits(t=1)),
    ("<", trait("lt", 1), traits(t=0), traits(t=1)),
    ("<=", trait("lte", 1), traits(t=1), traits(t=2)),
    (">", trait("gt", 1), traits(t=2), traits(t=1)),
    (">=", trait("gte", 1), traits(t=1), traits(t=0)),
    ("is set", trait("exists"), traits(t=1), traits()),
    ("is not set", trait("missing"), traits(), traits(t=1)),
    ("contains", trait("contains", "b"), traits(t="abc"), traits(t="ac")),
    ("not contain", trait("not_contains", "b"), traits(t="ac"), traits(t="abc")),
    ("starts with", trait("starts_with", "a"), traits(t="ab"), traits(t="ba")),
    ("not start with", {"not": trait("starts_with", "a")}, traits(t="ba"), traits(t="ab")),
    ("ends with", trait("ends_with", "a"), traits(t="ba"), traits(t="ab")),
    ("any", trait("any_of", ["a", "b"]), traits(t=["a"]), traits(t=["c"])),
    ("none", trait("none_of", ["a", "b"]), traits(t=["c"]), traits(t=["a"])),
    ("empty", {"any": [trait("missing"), trait("eq", [])]}, traits(), traits(t=[1])),
    ("group and", {"all": [A, B]}, traits(a=1, b=1), traits(a=1)),
    ("group or", {"any": [A, B]}, traits(a=1), traits()),
    ("group xor", {"all": [{"any": [A, B]}, {"not": {"all": [A, B]}}]}, traits(a=1, b=2), traits(a=1, b=1)),
    ("group none", {"not": {"any": [A, B]}}, traits(a=2, b=2), traits(a=1, b=2)),
    ("string, number, boolean", {"all": [trait("eq", "1", name="a"), trait("eq", 1, name="b"), trait("eq", True, name="c")]}, traits(a="1", b=1, c=True), traits(a=1, b=1, c=1)),
    ("date", trait("lt", "2025-01-02"), traits(t="2025-01-01T23:00:00Z"), traits(t="2025-01-02")),
    ("array", trait("contains", 2), traits(t=[1, 2]), traits(t=[1])),
    ("event scope, groups", {"event": ORDER, "where": [{"any": [*where("gt", 5), *where("eq", "x", "sku")]}]}, did((ORDER, 1, {"sku": "x"})), did((ORDER, 1, {"sku": "y"}))),
    ("parent scope", {"event": ORDER, "where": where("gt", {"trait": "limit"})}, Facts({"limit": 5}, history={ORDER: [Happening(NOW, {"total": 6})]}), Facts({"limit": 7}, history={ORDER: [Happening(NOW, {"total": 6})]})),
    ("JSONPath", {"trait": "t", "path": "rooms[].size", "op": "gt", "value": 5}, traits(t={"rooms": [{"size": 1}, {"size": 6}]}), traits(t={"rooms": [{"size": 1}]})),
]  # fmt: skip
SEGMENT: list[Row] = [
    ("equals", trait("eq", 1), traits(t=1), traits(t=2)),
    ("not equals", trait("ne", 1), traits(t=2), traits(t=1)),
    ("<", trait("lt", 1), traits(t=0), traits(t=1)),
    (">", trait("gt", 1), traits(t=2), traits(t=1)),
    ("<=", trait("lte", 1), traits(t=1), traits(t=2)),
    (">=", trait("gte", 1), traits(t=1), traits(t=0)),
    ("equals any of", trait("in", [1, 2]), traits(t=2), traits(t=3)),
    ("contains any of", {"any": [trait("contains", "a"), trait("contains", "b")]}, traits(t="xb"), traits(t="xc")),
    ("contains", trait("contains", "a"), traits(t="xa"), traits(t="x")),
    ("does not contain", trait("not_contains", "a"), traits(t="x"), traits(t="xa")),
    ("starts with", trait("starts_with", "a"), traits(t="ab"), traits(t="ba")),
    ("ends with", trait("ends_with", "a"), traits(t="ba"), traits(t="ab")),
    ("exists", trait("exists"), traits(t=1), traits()),
    ("not exists", trait("missing"), traits(), traits(t=1)),
    ("before date", trait("before", "2025-01-01"), traits(t="2024-12-31"), traits(t="2025-01-01")),
    ("after date", trait("after", "2025-01-01"), traits(t="2025-01-02"), traits(t="2025-01-01")),
    ("within last", trait("within_last", "7d"), traits(t="2025-03-31"), traits(t="2025-03-24")),
    ("within next", trait("within_next", "7d"), traits(t="2025-04-07"), traits(t="2025-03-31")),
    ("before last", trait("older_than", "7d"), traits(t="2025-03-24"), traits(t="2025-03-25")),
    ("after next", trait("after", {"ahead": "7d"}), traits(t="2025-04-08"), traits(t="2025-04-07")),
    ("event within", {"event": ORDER, "within": "7d", "count": {"gte": 1}}, did((ORDER, 6)), did((ORDER, 7))),
    ("event in between", {"event": ORDER, "within": {"from": "2025-03-01", "to": "2025-03-02"}}, did((ORDER, 30)), did((ORDER, 29))),
    ("funnel", {"sequence": [{"event": VIEW}, {"event": ORDER, "within": "2d"}]}, did((VIEW, 3), (ORDER, 1)), did((VIEW, 3), (ORDER, 0.9))),
    ("dynamic property reference", FUNNEL, did((VIEW, 2, {"id": 7}), (ORDER, 1, {"products": [{"id": 1}, {"id": 7}]})), did((VIEW, 2, {"id": 8}), (ORDER, 1, {"products": [{"id": 7}]}))),
    ("audience membership", {"segment": "seg_1"}, IN_SEGMENT, NONE),
    ("account any", {"account": {"any": A}}, Facts(account=[traits(a=2), traits(a=1)]), Facts(account=[traits(a=2)])),
    ("account all", {"account": {"all": A}}, Facts(account=[traits(a=1), traits(a=1)]), Facts(account=[traits(a=1), traits(a=2)])),
    ("account none", {"account": {"none": A}}, Facts(account=[traits(a=2)]), Facts(account=[traits(a=1)])),
]  # fmt: skip
BRAZE: list[Row] = [
    ("nested custom attributes", {"trait": "t", "path": "car.make", "op": "eq", "value": "BYD"}, traits(t={"car": {"make": "BYD"}}), traits(t={"car": {}})),
    ("array of objects", {"trait": "t", "where": where("gt", 5, "n")}, traits(t=[{"n": 6}]), traits(t=[{"n": 5}])),
    ("events X in Y days", {"event": ORDER, "within": "14d", "count": {"gte": 2}}, did((ORDER, 1), (ORDER, 13)), did((ORDER, 1), (ORDER, 14))),
    ("last received per channel", {"message": {"channel": "sms", "state": "delivered"}, "within": "7d"}, message(6, "delivered", channel="sms"), message(6, "delivered", channel="email")),
    ("message engagement", {"message": {"journey": "jrn_1", "state": "clicked"}}, message(100, "clicked", journey="jrn_1"), message(1, "clicked", journey="jrn_2")),
    ("predictive", {"score": "churn.risk", "op": "gte", "value": 0.8}, Facts(scores={"churn.risk": 0.8}), Facts(scores={"churn.risk": 0.7})),
    ("random bucket", {"bucket": {"salt": "global", "from": 0, "to": 9_999}}, Facts(person_id="p"), NONE),
    ("location", trait("near", SH | {"km": 10}), traits(t=NEAR_SH), traits(t={"lat": 0, "lng": 0})),
    ("SQL extension and CSV, as static segments", {"segment": "seg_1"}, IN_SEGMENT, NONE),
]  # fmt: skip
CUSTOMER_IO: list[Row] = [
    ("is", trait("eq", "x"), traits(t="x"), traits(t="y")),
    ("is not", trait("ne", "x"), traits(t="y"), traits(t="x")),
    ("exists", trait("exists"), traits(t=1), traits()),
    ("contains", trait("contains", "x"), traits(t="axb"), traits(t="ab")),
    ("gt and lt", {"all": [trait("gt", 1), trait("lt", 3)]}, traits(t=2), traits(t=3)),
    ("is a timestamp relative", trait("within_last", "12h"), traits(t="2025-03-30T13:00:00Z"), traits(t="2025-03-30T12:00:00Z")),
    ("event performed N times in a window", {"event": ORDER, "within": "30d", "count": {"gte": 2}}, did((ORDER, 1), (ORDER, 2)), did((ORDER, 1))),
    ("in a segment", {"segment": "seg_1"}, IN_SEGMENT, NONE),
    ("not in a segment", {"not": {"segment": "seg_1"}}, NONE, IN_SEGMENT),
    ("nested or and and", {"any": [A, {"all": [B, {"any": [A, B]}]}]}, traits(b=1), traits()),
]  # fmt: skip
MISSING_FROM_MOST: list[Row] = [
    ("not at any level", {"not": {"all": [A, {"not": B}]}}, traits(a=1, b=1), traits(a=1, b=2)),
    ("A then B within T with one key, without C between", FUNNEL | {"without": {"event": "Order Refunded"}}, did((VIEW, 2, {"id": 7}), (ORDER, 1, {"products": [{"id": 7}]})), did((VIEW, 2, {"id": 7}), ("Order Refunded", 1.5), (ORDER, 1, {"products": [{"id": 7}]}))),
    ("sum in a window", {"event": ORDER, "within": "365d", "sum": {"property": "total", "gt": 500}}, did((ORDER, 1, {"total": 400}), (ORDER, 9, {"total": 101})), did((ORDER, 1, {"total": 400}), (ORDER, 366, {"total": 101}))),
    ("average", {"event": ORDER, "avg": {"property": "total", "gte": 5}}, did((ORDER, 1, {"total": 4}), (ORDER, 2, {"total": 6})), did((ORDER, 1, {"total": 4}))),
    ("least", {"event": ORDER, "min": {"property": "total", "lt": 5}}, did((ORDER, 1, {"total": 4}), (ORDER, 2, {"total": 6})), did((ORDER, 1, {"total": 6}))),
    ("greatest", {"event": ORDER, "max": {"property": "total", "gte": 6}}, did((ORDER, 1, {"total": 4}), (ORDER, 2, {"total": 6})), did((ORDER, 1, {"total": 4}))),
    ("different values", {"event": VIEW, "distinct": {"property": "id", "gte": 2}}, did((VIEW, 1, {"id": 1}), (VIEW, 2, {"id": 2})), did((VIEW, 1, {"id": 1}), (VIEW, 2, {"id": 1.0}))),
    ("last value", {"event": VIEW, "last": {"property": "city", "eq": "上海"}}, did((VIEW, 2, {"city": "北京"}), (VIEW, 1, {"city": "上海"})), did((VIEW, 1, {"city": "北京"}), (VIEW, 2, {"city": "上海"}))),
    ("first time ever", {"event": ORDER, "first": {"within": "7d"}}, did((ORDER, 6)), did((ORDER, 6), (ORDER, 8))),
    ("N-th purchase", {"event": ORDER, "count": {"eq": 3}, "last": {"within": "1d"}}, did((ORDER, 0.5), (ORDER, 8), (ORDER, 9)), did((ORDER, 0.5), (ORDER, 8))),
    ("anniversary of a leap day", trait("anniversary", {"ago": "31d"}), traits(t="2000-02-29"), traits(t="2000-03-01")),
    ("tag with weight", {"tag": "k", "weight": {"gte": 0.6}}, Facts(tags={"k": TagState(0.6)}), Facts(tags={"k": TagState(0.5)})),
    ("tag with age", {"tag": "k", "set": {"within": "7d"}}, Facts(now_ms=NOW, tags={"k": TagState(set_ms=NOW - DAY)}), Facts(now_ms=NOW, tags={"k": TagState(set_ms=NOW - 8 * DAY)})),
    ("tag with source", {"tag": "k", "source": ["model"]}, Facts(tags={"k": TagState(source="model")}), Facts(tags={"k": TagState(source="import")})),
    ("tag with confidence", {"tag": "k", "confidence": {"gt": 0.9}}, Facts(tags={"k": TagState(confidence=0.95)}), Facts(tags={"k": TagState()})),
    ("top 10% by spend", trait("gte", {"percentile": {"of": "spend", "rank": 90}}), Facts({"t": 500}, thresholds={"spend": {90: 500}}), Facts({"t": 499}, thresholds={"spend": {90: 500}})),
    ("two attributes", trait("gt", {"trait": "u"}), traits(t=2, u=1), traits(t=1, u=1)),
    ("time of day", trait("time_of_day", ["22:00", "06:00"]), traits(t="2025-03-31T23:00:00Z"), traits(t="2025-03-31T12:00:00Z")),
    ("weekday", trait("weekday", ["sat", "sun"]), traits(t="2025-03-30"), traits(t="2025-03-31")),
    ("geo radius", trait("near", SH | {"km": 1}), traits(t=SH), traits(t=NEAR_SH)),
    ("changed from X to Y", trait("changed_to", {"to": "gold", "from": "silver", "within": "30d"}), changed(29, "silver", "gold"), changed(29, "bronze", "gold")),
    ("RFM group", {"rfm": "default", "scheme": "eleven", "group": ["champions"]}, Facts(rfm={"default": {"eleven": "champions"}}), Facts(rfm={"default": {"eleven": "lost"}})),
    ("stage of a layering model", {"stage": "aipl", "in": ["purchase", "loyalty"]}, Facts(stages={"aipl": "loyalty"}), Facts(stages={"aipl": "aware"})),
    ("in a journey now", {"in_journey": "jrn_1"}, Facts(journeys=("jrn_1",)), NONE),
]  # fmt: skip
SYSTEMS = {
    "Dittofeed": DITTOFEED, "Unomi": UNOMI, "Mautic": MAUTIC, "Parcelvoy": PARCELVOY, "Segment Engage": SEGMENT, "Braze": BRAZE,
    "Customer.io": CUSTOMER_IO, "missing from most": MISSING_FROM_MOST,
}  # fmt: skip
ROWS = [
    pytest.param(rule, inside, outside, id=f"{system}: {operator}")
    for system, rows in SYSTEMS.items()
    for operator, rule, inside, outside in rows
]


@pytest.mark.parametrize(("rule", "inside", "outside"), ROWS)
def test_what_they_can_ask_can_be_asked(rule: dict[str, Any], inside: Facts, outside: Facts | None) -> None:
    parsed = parse(rule)
    assert render(parsed) == rule
    assert evaluate(parsed, inside)
    assert evaluate(normalise(parsed), inside)
    assert outside is None or not evaluate(parsed, outside)
    assert set(describe(parsed)) == {"en", "zh"}
