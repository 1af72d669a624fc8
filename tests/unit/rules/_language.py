"""Rules of every kind and facts that meet them: few names, few values, and times at the edges of windows."""

from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from rules import Consent, Facts, Happening, MessageState, TagState, TraitChange, state_of

from . import _strategies as some

DAY = 86_400_000
NOW = 1_743_381_000_000  # 2025-03-31T00:30:00Z: in Shanghai the same day, in New York the day before
SPANS = ["30d", "1d", "2w", "36h", "90m", "1mo", "1y"]
PERIODS = ["today", "yesterday", "this_week", "last_month", "this_quarter", "last_year"]
ABSOLUTE = [
    {"from": "2025-03-01"},
    {"to": "2025-03-01T00:00:00Z"},
    {"from": "2025-03-01", "to": "2025-03-31T00:30:00Z"},
]
TAGS, SEGMENTS, JOURNEYS, STATES = ["worth.vip", "taste"], ["seg_1", "seg_2"], ["jrn_1"], ["sent", "clicked"]
DATES = [
    "2025-03-31",
    "2025-03-01T00:00:00Z",
    "2025-03-31T00:30:00Z",
    "2000-02-29",
    "1990-04-01",
    "2025-04-07T00:30:00Z",
]
EDGES = [
    NOW,
    NOW + 1,
    NOW - DAY,
    NOW - DAY + 1,
    NOW - 30 * DAY,
    NOW - 30 * DAY + 1,
    NOW - 36 * 3_600_000,
    NOW - 366 * DAY,
]

windows = st.sampled_from(["30d", "1d", "30d", "1d", *SPANS, *PERIODS, *ABSOLUTE])
bounds = st.dictionaries(
    st.sampled_from(["gte", "gt", "lte", "lt", "eq", "ne"]),
    st.sampled_from([0, 1, 2, 0.5, 10, 100]),
    min_size=1,
    max_size=2,
)
references = st.sampled_from(
    [
        {"trait": "age"},
        {"trait": "city"},
        {"percentile": {"of": "spend", "rank": 90}},
        {"ago": "30d"},
        {"ahead": "1mo"},
        {"start_of": "this_month"},
    ]
)
dated = st.one_of(
    st.builds(
        lambda op, v: {"op": op, "value": v},
        st.sampled_from(["before", "after"]),
        st.sampled_from(DATES) | references,
    ),
    st.builds(
        lambda op, v: {"op": op, "value": v},
        st.sampled_from(["within_last", "within_next", "older_than"]),
        st.sampled_from(SPANS),
    ),
    st.builds(lambda v: {"op": "during", "value": v}, windows),
    st.builds(
        lambda v: {"op": "anniversary", "value": v},
        st.sampled_from(
            [
                "today",
                "this_week",
                "next_month",
                {"within_next": "7d"},
                {"within_last": "2w"},
                {"in": "1d"},
                {"ago": "7d"},
            ]
        ),
    ),
    st.just({"op": "weekday", "value": ["mon", "sun"]}),
    st.sampled_from([["09:00", "18:00"], ["22:00", "06:00"], ["00:30", "01:00"]]).map(
        lambda v: {"op": "time_of_day", "value": v}
    ),
)
referring = st.builds(
    lambda op, v: {"op": op, "value": v},
    st.sampled_from(["eq", "ne", "gt", "lte", "contains", "starts_with"]),
    references,
)
matching = st.sampled_from(["^a", "a|b", "[0-9]+", "海$", "(a?b){1,3}c*", "^$"]).map(
    lambda v: {"op": "matches", "value": v}
)
nearby = st.just({"op": "near", "value": {"lat": 31.2, "lng": 121.5, "km": 10}})
comparisons = some.comparisons() | dated | dated | referring | matching | nearby
changing = st.one_of(
    st.builds(lambda v: {"op": "changed", "value": v}, windows),
    st.builds(
        lambda to, start, within: (
            {"op": "changed_to", "value": {"to": to} | start | within}
            if start or within
            else {"op": "changed_to", "value": to}
        ),
        st.sampled_from(["gold", 1, True]),
        st.just({}) | st.just({"from": "silver"}),
        st.just({}) | windows.map(lambda w: {"within": w}),
    ),
)
PATHS = ["total", "shop.city", "products[].id", "products[].price", "when"]
properties = st.builds(lambda path, rest: {"property": path, **rest}, st.sampled_from(PATHS), comparisons)
predicates = st.recursive(
    properties,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"all": each}),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"any": each}),
        inner.map(lambda each: {"not": each}),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"property": "products", "where": each}),
    ),
    max_leaves=3,
)
wheres = st.lists(predicates, min_size=1, max_size=2)
easy_wheres = st.just([{"property": "total", "op": "gte", "value": 1}]) | wheres
counts = st.dictionaries(
    st.sampled_from(["gte", "gt", "lte", "lt", "eq", "ne"]), st.integers(0, 3), min_size=1, max_size=2
)
whens = st.fixed_dictionaries({"within": windows}) | st.sampled_from(
    [{"before": DATES[1]}, {"after": DATES[1]}]
)
aggregates = st.builds(lambda path, b: {"property": path, **b}, st.sampled_from(PATHS), bounds)
ends = whens | st.sampled_from(
    [
        {"property": "total", "gt": 1},
        {"property": "shop.city", "eq": "上海"},
        {"property": "total", "exists": True},
    ]
)
trait_nodes = st.one_of(
    st.builds(
        lambda trait, rest: {"trait": trait, **rest}, st.sampled_from(some.TRAITS), comparisons | changing
    ),
    st.builds(
        lambda path, rest: {"trait": "home", "path": path, **rest},
        st.sampled_from(["city", "rooms[].size"]),
        comparisons,
    ),
    wheres.map(lambda where: {"trait": "home", "where": where}),
)
event_nodes = st.fixed_dictionaries(
    {"event": st.sampled_from(some.EVENTS)},
    optional={
        "where": easy_wheres, "within": windows, "count": counts, "sum": aggregates, "avg": aggregates,
        "min": aggregates, "max": aggregates, "distinct": aggregates, "first": ends, "last": ends,
    },
)  # fmt: skip
steps = st.fixed_dictionaries({"event": st.sampled_from(some.EVENTS)}, optional={"where": easy_wheres})
later_steps = st.fixed_dictionaries(
    {"event": st.sampled_from(some.EVENTS)},
    optional={"where": easy_wheres, "within": st.sampled_from(["1d", "36h", "30d"])},
)


@st.composite
def sequences(draw: st.DrawFn) -> dict[str, Any]:
    chain = [draw(steps), *draw(st.lists(later_steps, min_size=1, max_size=2))]
    data: dict[str, Any] = {"sequence": chain}
    if draw(st.booleans()):
        data["without"] = draw(steps)
    if draw(st.booleans()):
        data["within"] = draw(windows)
    if draw(st.booleans()):
        named = sorted({step["event"] for step in chain})
        data["same"] = {event: draw(st.sampled_from(["total", "products[].id"])) for event in named}
    return data


other_nodes = st.one_of(
    st.fixed_dictionaries(
        {"tag": st.sampled_from(TAGS)},
        optional={
            "weight": bounds,
            "confidence": bounds,
            "source": st.lists(st.sampled_from(["rule", "import"]), min_size=1),
            "set": whens,
        },
    ),
    st.sampled_from(SEGMENTS).map(lambda each: {"segment": each}),
    st.builds(
        lambda op, v: {"score": "lead.engagement", "op": op, "value": v},
        st.sampled_from(["gt", "gte", "lt", "lte", "eq", "ne"]),
        st.sampled_from([0, 50, 70.5, {"percentile": {"of": "spend", "rank": 90}}]),
    ),
    st.lists(st.sampled_from(["champions", "lost"]), min_size=1).map(
        lambda g: {"rfm": "default", "scheme": "eleven", "group": g}
    ),
    st.lists(st.sampled_from(["purchase", "loyalty"]), min_size=1).map(lambda s: {"stage": "aipl", "in": s}),
    st.sampled_from(["", "news"]).map(
        lambda topic: {
            "consent": {"channel": "sms", "purpose": "marketing"} | ({"topic": topic} if topic else {})
        }
    ),
    st.sampled_from([0, 5_000]).map(
        lambda low: {"bucket": {"salt": "exp-7", "from": low, "to": low + 4_999}}
    ),
    st.sampled_from(JOURNEYS).map(lambda each: {"in_journey": each}),
    st.fixed_dictionaries(
        {
            "message": st.sampled_from(
                [{"state": "clicked"}, {"state": "sent", "journey": "jrn_1", "channel": "sms"}]
            )
        },
        optional={"within": windows, "count": counts},
    ),
)
leaves = st.sampled_from(["trait", "event", "event", "sequence", "other", "everyone"]).flatmap(
    {
        "trait": trait_nodes,
        "event": event_nodes,
        "sequence": sequences(),
        "other": other_nodes,
        "everyone": st.just({"everyone": True}),
    }.__getitem__
)


def _grow(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        parts.map(lambda rules: {"all": rules}),
        parts.map(lambda rules: {"any": rules}),
        inner.map(lambda rule: {"not": rule}),
        inner.map(lambda rule: {"not": rule}),
        st.builds(lambda q, rule: {"account": {q: rule}}, st.sampled_from(["any", "all", "none"]), inner),
    )


rules = st.recursive(leaves, _grow, max_leaves=5)

products = st.lists(
    st.fixed_dictionaries(
        {}, optional={"id": st.sampled_from(["p1", "p2", 1]), "price": st.sampled_from([5, 0.1, "x", None])}
    ),
    max_size=2,
)
event_properties = st.fixed_dictionaries(
    {},
    optional={
        "total": st.sampled_from([0, 1, 2, 100, 0.5, None, "12", True, 10**400, float("nan")]),
        "shop": st.sampled_from([{"city": "上海"}, {"city": None}, "上海", {}]),
        "products": products | some.json_values,
        "when": st.sampled_from([*DATES, "soon", 5]),
    },
)
moments = st.sampled_from(["edge", "edge", "near", "far"]).flatmap(
    {
        "edge": st.sampled_from(EDGES),
        "near": st.integers(NOW - 40 * DAY, NOW + DAY),
        "far": st.sampled_from([-(10**18), 10**18]),
    }.__getitem__
)
histories = st.dictionaries(
    st.sampled_from(some.EVENTS),
    st.lists(st.tuples(moments, event_properties), max_size=4).map(
        lambda each: tuple(Happening(at, properties, str(n)) for n, (at, properties) in enumerate(each))
    ),
)
proven = settings(some.proven, max_examples=150)
ZONES: list[tzinfo] = [UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")]
trait_values = st.sampled_from(["any", "date", "other"]).flatmap(
    {
        "any": some.trait_values,
        "date": st.sampled_from(DATES),
        "other": st.sampled_from([{"lat": 31.21, "lng": 121.49}, 42, "gold"]),
    }.__getitem__
)
changes = st.builds(
    TraitChange, moments, st.sampled_from([None, "silver"]), st.sampled_from(["gold", 1, True, None])
)
messages = st.builds(
    MessageState,
    moments,
    st.sampled_from(STATES),
    st.sampled_from([{}, {"journey": "jrn_1", "channel": "sms"}]),
)


def loaded(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly loaded; None where nobody looked."""
    return st.sampled_from([True] * 3 + [False]).flatmap(lambda there: values if there else st.none())


RESULTS: list[dict[str, Any]] = [
    {},
    {
        "tags": {},
        "segments": (),
        "scores": {},
        "rfm": {},
        "stages": {},
        "consents": (),
        "journeys": (),
        "thresholds": {},
    },
    {
        "tags": {"worth.vip": TagState(0.5, None, "rule", NOW - 30 * DAY)},
        "segments": ("seg_1",),
        "scores": {"lead.engagement": 70.5},
        "rfm": {"default": {"eleven": "champions"}},
        "stages": {"aipl": "purchase"},
        "consents": (Consent("sms", "marketing"),),
        "journeys": ("jrn_1",),
        "thresholds": {"spend": {90: 70.5}},
        "person_id": "p1",
    },
    {
        "tags": {"taste": TagState(), "worth.vip": TagState(1.0, 0.5, "", NOW)},
        "segments": ("seg_1", "seg_2"),
        "scores": {"lead.engagement": 0},
        "rfm": {"default": {}},
        "stages": {"aipl": "aware"},
        "consents": (Consent("sms", "marketing", "news"),),
        "journeys": (),
        "thresholds": {"spend": {90: 40}},
        "person_id": "p2",
    },
]
"""Rows that other planners keep: not loaded, none, and two people's."""

homes = st.sampled_from(
    [{"city": "上海", "rooms": [{"size": 1}, {"size": 2}]}, {"total": 1}, [{"total": 5}], 3]
)
optional_traits: dict[str, Any] = dict.fromkeys(some.TRAITS[:3], trait_values) | {"home": homes}
optional_traits.pop("age")
traits = st.fixed_dictionaries({"age": trait_values}, optional=optional_traits)


@st.composite
def facts(draw: st.DrawFn, depth: int = 1) -> Facts:
    history = draw(loaded(histories))
    return Facts(
        traits=draw(traits),
        events={name: state_of(each) for name, each in (history or {}).items()},
        now_ms=draw(st.sampled_from([NOW] * 9 + [None])),
        zone=draw(st.sampled_from(ZONES)),
        history=history,
        changes=draw(
            loaded(st.dictionaries(st.sampled_from(some.TRAITS[:2]), st.lists(changes, max_size=2)))
        ),
        messages=draw(loaded(st.lists(messages, max_size=3))),
        account=draw(st.none() | st.lists(facts(depth=0), max_size=2)) if depth else None,
        **draw(st.sampled_from(RESULTS)),
    )
