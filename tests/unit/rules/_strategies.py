"""Rules and facts from one small pool of names and values, so that they meet."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from rules import EventState, Facts

TRAITS = ["city", "age", "likes", "born", "vip"]
EVENTS = ["Order Completed", "Product Viewed", "打开"]
TIMES = ["1970-01-01T00:00:00Z", "1970-01-01T08:00:01+08:00", "1970-01-02", "2025-06-01T00:00:00.5-02:30"]
TEXTS = ["", "a", "ab", "b", "上海", "杭州", "10", "\U0001f600", *TIMES]

proven = settings(
    max_examples=300, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

texts = st.sampled_from(TEXTS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4
)
numbers = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 2.5, -0.0, 1e300]) | st.integers(-(2**62), 2**62)
scalars = texts | numbers | st.booleans()
lists = st.lists(scalars, min_size=1, max_size=4)


def _pairs(ends: st.SearchStrategy[Any], key: Any = None) -> st.SearchStrategy[list[Any]]:
    return st.lists(ends, min_size=2, max_size=2).map(lambda pair: sorted(pair, key=key))


pairs = _pairs(numbers) | _pairs(st.sampled_from(["a", "ab", "b", "上海"])) | st.just([TIMES[0], TIMES[3]])
VALUES: dict[str, st.SearchStrategy[Any] | None] = {
    "eq": scalars | st.lists(scalars, max_size=3),
    "ne": scalars | st.lists(scalars, max_size=3),
    "exists": None,
    "missing": None,
    "between": pairs,
    **dict.fromkeys(["gt", "gte", "lt", "lte"], texts | numbers),
    **dict.fromkeys(["contains", "not_contains"], scalars),
    **dict.fromkeys(["starts_with", "ends_with"], texts),
    **dict.fromkeys(["in", "not_in", "any_of", "all_of", "none_of"], lists),
}


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    op = draw(st.sampled_from(sorted(VALUES)))
    value = VALUES[op]
    return {"op": op} if value is None else {"op": op, "value": draw(value)}


_counts = st.dictionaries(
    st.sampled_from(["gte", "gt", "lte", "lt", "eq", "ne"]), st.integers(0, 4), min_size=1, max_size=2
)
_whens = st.dictionaries(st.sampled_from(["before", "after"]), st.sampled_from(TIMES), min_size=1)

trait_nodes = st.builds(lambda trait, rest: {"trait": trait, **rest}, st.sampled_from(TRAITS), comparisons())
event_nodes = st.fixed_dictionaries(
    {"event": st.sampled_from(EVENTS)}, optional={"count": _counts, "first": _whens, "last": _whens}
)
leaves = trait_nodes | trait_nodes | trait_nodes | event_nodes | st.just({"everyone": True})


def _grow(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.lists(inner, min_size=1, max_size=3)
    return (
        parts.map(lambda rules: {"all": rules})
        | parts.map(lambda rules: {"any": rules})
        | inner.map(lambda rule: {"not": rule})
    )


rules = st.recursive(leaves, _grow, max_leaves=6)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | texts | numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
# Chosen by a draw of its own: `|` flattens what it joins, so a branch would weigh as much as it has parts, and how
# often a type is met that an operator cannot read would be left to chance.
trait_values = st.sampled_from(
    ["missing", "scalar", "scalar", "list", "other type", "other type", "json"]
).flatmap(
    {
        "missing": st.none(),
        "scalar": scalars,
        "list": lists,
        "other type": st.sampled_from([{"a": 1}, True, {}, 7, "z", ["z"], TIMES[1]]),
        "json": json_values,
    }.__getitem__
)
_ms = st.none() | st.sampled_from([0, 1000, 1001, 86_400_000]) | st.integers(-(10**13), 10**13)
states = st.builds(EventState, st.integers(0, 4), _ms, _ms)
facts = st.builds(
    Facts,
    st.fixed_dictionaries(
        dict.fromkeys(TRAITS[:2], trait_values), optional=dict.fromkeys(TRAITS[2:], trait_values)
    ),
    st.dictionaries(st.sampled_from(EVENTS), states),
)
