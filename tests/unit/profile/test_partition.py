"""The planner of people alone: what it says is what the rules say, whatever the order in which it is told."""

from collections import Counter
from dataclasses import replace
from random import Random
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain.identity_settings import SHIPPED, IdentitySettings
from profile_service.domain.partition import Edge, Facts, NeverLink, partition

from tests.reference import Reference, Said

SEEN: Counter[str] = Counter()
SPACE = UUID(int=7)
KINDS = ("user_id", "member_id", "crm_id", "wechat_unionid")
TWO_CRM_IDS = [replace(t, most=2) if t.name == "crm_id" else t for t in SHIPPED]
STRICT = IdentitySettings(types=tuple(TWO_CRM_IDS), cluster_cap=4, suspect_people=3)
names = st.builds("{}:v{}".format, st.sampled_from(KINDS), st.integers(0, 5))
records = st.lists(st.tuples(names, names, st.integers(0, 1)), min_size=1, max_size=40)
rules = st.lists(
    st.tuples(st.sets(names, min_size=1, max_size=2), st.sets(names, min_size=1, max_size=2)), max_size=2
)


def identity(name: str) -> UUID:
    return uuid5(SPACE, name)


def said(told: list[tuple[str, str, int]]) -> Reference:
    facts = [Said(f"m{n:02}", day * 86_400_000 + n, (a, b)) for n, (a, b, day) in enumerate(told)]
    return Reference(said={s.message: s for s in facts}, cap=4, suspect=3, most={"crm_id": 2})


def facts_of(plain: Reference, order: Random) -> Facts:
    known = {n: (n.partition(":")[0], "", n.partition(":")[2].encode()) for n in plain._all_strong()}
    edges = [
        Edge(*sorted((identity(a), identity(b))), at, message, pair in plain.by_hand)
        for pair, (at, message) in {**plain._edges(weak=False), **plain.by_hand}.items()
        for a, b in [pair]
    ]
    order.shuffle(edges)
    never = [
        NeverLink(identity(rule), frozenset(map(identity, a)), frozenset(map(identity, b)))
        for rule, (a, b) in plain.never.items()
    ]
    aside, released = ({identity(n) for n in some} for some in (plain.aside, plain.released))
    return Facts({identity(n): key for n, key in known.items()}, edges, never, aside, released)


@settings(max_examples=500, derandomize=True, deadline=None)
@given(
    records, rules, st.sets(names, max_size=1), st.sets(names, max_size=1), st.randoms(use_true_random=False)
)
def test_it_is_what_the_plain_way_comes_to_in_any_order(
    told: list[tuple[str, str, int]],
    kept_apart: list[tuple[set[str], set[str]]],
    aside: set[str],
    released: set[str],
    order: Random,
) -> None:
    plain = said(told)
    plain.never = {f"r{n}": (frozenset(a), frozenset(b - a)) for n, (a, b) in enumerate(kept_apart) if b - a}
    plain.aside, plain.released = aside, released - aside
    found = partition(facts_of(plain, order), STRICT)
    name_of = {identity(n): n for n in plain._all_strong()}
    assert {frozenset(name_of[i] for i in group) for group in found.groups} == plain.people()
    assert found == partition(facts_of(plain, order), STRICT) or _same(
        found, partition(facts_of(plain, order), STRICT)
    )
    SEEN.update({refusal.reason for refusal in found.refused.values()})
    SEEN["suspected"] += bool(found.suspects)
    SEEN["joined"] += any(len(group) > 2 for group in found.groups)


def _same(one: object, other: object) -> bool:
    """Up to the order of what has none."""
    return all(
        {frozenset(g) for g in p.groups} == {frozenset(g) for g in q.groups}  # type: ignore[attr-defined]
        and p.refused == q.refused  # type: ignore[attr-defined]
        and p.suspects == q.suspects  # type: ignore[attr-defined]
        for p, q in ((one, other),)
    )


@settings(max_examples=200, derandomize=True, deadline=None)
@given(records, st.randoms(use_true_random=False))
def test_a_link_by_hand_joins_whatever_guards_say(told: list[tuple[str, str, int]], order: Random) -> None:
    plain = said(told)
    some = sorted(plain._all_strong())
    one, other = some[0], some[-1]
    if one == other:
        return
    plain.by_hand[one, other] = (0, "decision")
    found = partition(facts_of(plain, order), STRICT)
    assert any({identity(one), identity(other)} <= set(group) for group in found.groups)
    SEEN["by hand"] += 1


def test_the_interesting_branches_were_reached() -> None:
    print(dict(SEEN))
    for branch in ("unique", "limit", "never_link", "too_large", "set_aside", "suspected", "joined"):
        assert SEEN[branch] >= 3, branch
    assert SEEN["by hand"] > 150
