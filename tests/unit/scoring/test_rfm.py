"""Scores against a plain-Python reference, and the laws of folding."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from uuid import UUID

import numpy as np
from chassis.ids import derived_id
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_service.domain.groups import BY_CODE, GROUPS
from scoring_service.domain.rfm import DAY_MS, Orders, score

from .reference import NAMES, Bought, scored

AS_OF = 1_000 * DAY_MS
REACHED: Counter[str] = Counter()

bought = st.builds(
    Bought,
    person=st.integers(0, 30).map(lambda n: derived_id("p", str(n))),
    at_ms=st.one_of(
        st.integers(0, 370).map(lambda d: AS_OF - d * DAY_MS),
        st.integers(AS_OF - 366 * DAY_MS, AS_OF + DAY_MS),
        st.sampled_from((AS_OF, AS_OF + 1, AS_OF - 365 * DAY_MS, AS_OF - 365 * DAY_MS + 1)),
    ),
    amount_minor=st.one_of(st.sampled_from((0, 500, 1000)), st.integers(0, 10**12)),
)


def orders_of(found: Sequence[Bought]) -> Orders:
    people = list(dict.fromkeys(order.person for order in found))
    return Orders(
        people,
        np.array([people.index(o.person) for o in found], np.int64),
        np.array([o.at_ms for o in found], np.int64),
        np.array([o.amount_minor for o in found], np.int64),
    )


def computed(found: Sequence[Bought]) -> dict[UUID, tuple[int, int, int, str]]:
    orders = orders_of(found)
    scores = score(orders, AS_OF, 365)
    columns = (scores.recency.scores, scores.frequency.scores, scores.monetary.scores)
    return {
        orders.people[i]: (*(int(column[n]) for column in columns), BY_CODE[scores.group[n]].key)
        for n, i in enumerate(scores.customers)
    }


@settings(max_examples=300, deadline=None)
@given(st.lists(bought, max_size=80))
def test_scores_equal_the_reference(found: list[Bought]) -> None:
    expected = scored(found, AS_OF, 365)
    assert computed(found) == expected
    REACHED["cases"] += 1
    REACHED["outside the window"] += len(expected) < len({o.person for o in found})
    REACHED["ties"] += len({s[1] for s in expected.values()}) < len(expected)
    REACHED["five customers or more"] += len(expected) >= 5


@settings(max_examples=100, deadline=None)
@given(st.lists(bought, max_size=60), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(found: list[Bought], random: Random) -> None:
    mixed = found.copy()
    random.shuffle(mixed)
    assert computed(mixed) == computed(found)


@settings(max_examples=100, deadline=None)
@given(st.lists(bought, max_size=60), st.sets(st.integers(0, 30), max_size=10))
def test_merging_then_folding_equals_folding_the_union(found: list[Bought], merged: set[int]) -> None:
    gone = {derived_id("p", str(n)) for n in merged}
    into = derived_id("p", str(min(merged, default=0)))
    union = [Bought(into, o.at_ms, o.amount_minor) if o.person in gone else o for o in found]
    orders = orders_of(found)
    survivors = list(dict.fromkeys(into if p in gone else p for p in orders.people))
    position = np.array([survivors.index(into if p in gone else p) for p in orders.people], np.int64)
    person = position[orders.person] if len(found) else orders.person
    folded = score(Orders(survivors, person, orders.at_ms, orders.amount_minor), AS_OF, 365)
    expected = scored(union, AS_OF, 365)
    assert {survivors[i] for i in folded.customers} == set(expected)
    assert int(folded.monetary.values.sum()) == sum(
        o.amount_minor for o in union if AS_OF - 365 * DAY_MS < o.at_ms <= AS_OF
    )
    assert {survivors[i]: BY_CODE[c].key for i, c in zip(folded.customers, folded.group, strict=True)} == {
        p: s[3] for p, s in expected.items()
    }


def test_the_interesting_branches_were_reached() -> None:
    cases = REACHED["cases"]
    print({name: f"{n / cases:.0%}" for name, n in REACHED.items()})
    for name in ("outside the window", "ties", "five customers or more"):
        assert REACHED[name] > 0.2 * cases, name


def test_nobody_bought() -> None:
    scores = score(orders_of([]), AS_OF, 365)
    assert not len(scores.customers)
    assert scores.recency.thresholds == ()
    assert [n for _, n, _ in scores.totals()] == [0] * 8


def test_groups_are_complete_and_named_as_the_reference_names_them() -> None:
    assert {(g.recent, g.frequent, g.valuable): g.key for g in GROUPS} == NAMES
    assert [g.code for g in BY_CODE] == list(range(8))
    assert len({g.zh for g in GROUPS}) == len({g.en for g in GROUPS}) == 8


def test_totals_add_up_and_begin_with_the_largest_group() -> None:
    random = Random(1)
    found = [
        Bought(
            derived_id(str(random.randrange(200))),
            AS_OF - random.randrange(300) * DAY_MS,
            random.randrange(9999),
        )
        for _ in range(900)
    ]
    scores = score(orders_of(found), AS_OF, 365)
    totals = scores.totals()
    counts = [count for _, count, _ in totals]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == len(scores.customers)
    assert sum(amount for _, _, amount in totals) == sum(o.amount_minor for o in found)
