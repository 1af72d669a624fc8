"""Which statement holds does not depend on order, batching, repeats, merges or on being stored in between."""

import json
from collections import Counter
from random import Random
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from survivorship import MOST_KEPT, Stamp, Traits, decode, encode, fold, rank_of

SEEN: Counter[str] = Counter()
KEPT = ("likes",)


class Said(NamedTuple):
    stamp: Stamp
    values: dict[str, Any]
    keep_all: tuple[str, ...] = KEPT


values = st.none() | st.integers(0, 5) | st.sampled_from([True, "a", ["a", 1, None], []])
said = st.lists(
    st.builds(
        Said,
        st.builds(
            Stamp,
            st.sampled_from([rank_of(50, False), rank_of(50, True), rank_of(60, False)]),
            st.integers(0, 4),
            st.text("abc", min_size=1, max_size=3),
            st.sampled_from(["shop", "crm"]),
        ),
        st.dictionaries(st.sampled_from(["city", "likes"]), values, max_size=2),
        # Now and then the declaration is another: then a statement replaces what was kept.
        st.sampled_from([KEPT, KEPT, KEPT, ()]),
    ),
    max_size=10,
    unique_by=lambda s: s.stamp[:3],
)


def taken(statements: list[Said], traits: Traits | None = None, *, stored: bool = False) -> Traits:
    traits = traits or Traits()
    for one in statements:
        traits.take(one.values, one.stamp, one.keep_all)
        if stored:
            traits = decode(traits.values, json.loads(json.dumps(encode(traits))))
    return traits


def plain(statements: list[Said]) -> dict[str, Any]:
    """The law, said by the whole set of statements."""
    found = {}
    ordered = sorted(statements, key=lambda s: s.stamp, reverse=True)
    for name in {name for one in statements for name in one.values}:
        shown: list[Any] = []
        added = False
        for one in ordered:
            if name not in one.values:
                continue
            value = one.values[name]
            adds = name in one.keep_all and value is not None
            if not adds and not added:
                shown = value  # what holds alone is as it was said
                break
            items = value if isinstance(value, list) else [value]
            items = [item for item in items if item is not None] if adds else items
            items = [] if value is None else items
            if adds:
                items = sorted(items, key=lambda v: json.dumps(v), reverse=True)
            shown += [
                v for n, v in enumerate(items) if json.dumps(v) not in map(json.dumps, shown + items[:n])
            ]
            added |= bool(adds and items)
            if not adds:
                break
        else:
            shown = shown if added else None  # type: ignore[assignment]
        if shown is not None:
            found[name] = shown[:MOST_KEPT] if isinstance(shown, list) and added else shown
    return dict(sorted(found.items()))


@settings(max_examples=500, derandomize=True)
@given(said, st.integers(0, 10**6))
def test_the_end_state_is_a_function_of_the_set_of_statements(told: list[Said], seed: int) -> None:
    random = Random(seed)
    shuffled = told + random.choices(told, k=len(told) // 2)
    random.shuffle(shuffled)
    whole = taken(told)
    assert dict(sorted(whole.values.items())) == plain(told)
    again = taken(shuffled, stored=True)
    assert (again.values, again.stamps) == (whole.values, whole.stamps)
    SEEN["cases"] += 1
    SEEN["kept"] += bool(whole.kept)
    SEEN["older of a better source"] += any(
        one.stamp.ms > whole.stamps[name].ms for one in told for name in one.values if name in whole.stamps
    )
    SEEN["removed"] += any(name not in whole.values for name in whole.stamps)


@settings(max_examples=300, derandomize=True)
@given(said, st.integers(0, 10**6), st.integers(1, 4))
def test_a_person_is_the_fold_over_identities_in_any_order(told: list[Said], seed: int, parts: int) -> None:
    random = Random(seed)
    identities: list[list[Said]] = [[] for _ in range(parts)]
    for one in told:
        random.choice(identities).append(one)
    stored = [taken(part, stored=True) for part in identities]
    person = fold(stored)
    random.shuffle(stored)
    whole = taken(told)
    assert fold(stored).values == person.values == whole.values
    assert fold([fold(stored[:2]), fold(stored[2:])]).stamps == whole.stamps
    assert fold([*stored, *stored]).values == whole.values, "a repeat changes nothing"


def test_only_the_newest_values_are_kept_and_none_comes_back() -> None:
    told = [Said(Stamp(0, n, "m"), {"likes": n % 40}) for n in range(60)]
    expected = [n % 40 for n in range(59, 39, -1)]
    assert taken(told, stored=True).values["likes"] == expected
    assert taken(told[::-1], stored=True).values["likes"] == expected
    assert fold([taken(told[::2]), taken(told[1::2])]).values["likes"] == expected
    cut = taken([*told, Said(Stamp(0, 50, "x"), {"likes": None})])
    assert cut.values["likes"] == [n % 40 for n in range(59, 50, -1)]


def test_who_holds_the_values_sees_what_is_taken() -> None:
    traits = Traits()
    held = traits.values
    assert traits.take({"city": "上海", "level": None}, Stamp(0, 1, "m1")) == {"city", "level"}
    assert held is traits.values == {"city": "上海"}
    assert traits.take({"city": "杭州", "level": 2}, Stamp(0, 0, "m0")) == frozenset()


def test_priority_counts_before_verification_and_both_before_time() -> None:
    assert rank_of(50, False) == 0
    assert rank_of(49, True) < rank_of(50, False) < rank_of(50, True) < rank_of(51, False)
    assert Stamp(1, 1, "a") > Stamp(0, 9, "b")


def test_stamps_of_before_ranks_are_read() -> None:
    traits = decode({"city": "x"}, {"city": [5, "m1"], "age": [7, "m2"]})
    assert not traits.take({"city": "y"}, Stamp(-2, 9, "m3"))
    assert not traits.take({"age": 3}, Stamp(0, 6, "m4"))
    assert traits.take({"city": "y"}, Stamp(1, 1, "m5")) == {"city"}


def test_the_interesting_branches_were_reached() -> None:
    print(dict(SEEN))
    assert SEEN["kept"] > 0.25 * SEEN["cases"]
    assert SEEN["older of a better source"] > 0.2 * SEEN["cases"]
    assert SEEN["removed"] > 0.2 * SEEN["cases"]
