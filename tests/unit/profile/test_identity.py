"""The laws of who is one person, over the planner alone."""

from collections import Counter
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain.identity import IdentityPlan, Linked, Member, plan_identity

SEEN: Counter[str] = Counter()
COUNT = 14


def uuid(n: int) -> UUID:
    return UUID(int=n + 1)


facts_of = st.lists(
    st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=3, unique=True), min_size=1, max_size=12
)
newborn_of = st.sets(st.integers(0, COUNT - 1))


def members(newborn: set[int]) -> dict[UUID, Member]:
    """Identity n is its own person with number n; newborn ones nobody has heard of."""
    return {uuid(n): Member(uuid(n), uuid(n), n + 1, 0 if n in newborn else n + 1) for n in range(COUNT)}


def linked(facts: list[list[int]]) -> list[Linked]:
    return [Linked(f"m{i}", tuple(uuid(n) for n in fact)) for i, fact in enumerate(facts)]


def people(plan: IdentityPlan) -> dict[UUID, UUID]:
    return {uuid(n): plan.names.get(uuid(n), (uuid(n), 0))[0] for n in range(COUNT)}


def components(facts: list[list[int]]) -> dict[UUID, UUID]:
    """The plain way: repaint until nothing changes."""
    colour = list(range(COUNT))
    changed = True
    while changed:
        changed = False
        for fact in facts:
            lowest = min(colour[n] for n in fact)
            for n in fact:
                changed |= colour[n] != lowest
                colour[n] = lowest
    return {uuid(n): uuid(colour[n]) for n in range(COUNT)}


@settings(max_examples=400, derandomize=True)
@given(facts_of, newborn_of, st.randoms(use_true_random=False))
def test_people_are_the_components_named_by_their_lowest_number_in_any_order(
    facts: list[list[int]], newborn: set[int], order: object
) -> None:
    shuffled = facts[:]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    expected = components(facts)
    assert people(plan_identity(linked(facts), members(newborn))) == expected
    assert people(plan_identity(linked(shuffled), members(newborn))) == expected
    SEEN["joined" if any(k != v for k, v in expected.items()) else "apart"] += 1


@settings(max_examples=400, derandomize=True)
@given(facts_of, newborn_of)
def test_every_lost_name_that_was_given_out_is_in_a_merge_and_locked(
    facts: list[list[int]], newborn: set[int]
) -> None:
    plan = plan_identity(linked(facts), members(newborn))
    lost = {loser for merge in plan.merges for loser in merge.loser_ids}
    renamed = set(plan.names)
    born = {uuid(n) for n in newborn}
    assert lost == renamed - born
    assert lost <= plan.people_concerned
    assert {m.winner_id for m in plan.merges} - born <= plan.people_concerned
    assert not plan.people_concerned & born
    assert all(merge.message_id for merge in plan.merges)
    SEEN["merge" if plan.merges else "no merge"] += 1
    SEEN["newborn winner"] += any(m.winner_id in born for m in plan.merges)


@settings(max_examples=200, derandomize=True)
@given(facts_of, newborn_of)
def test_planning_again_what_is_already_so_changes_nothing(facts: list[list[int]], newborn: set[int]) -> None:
    before = members(newborn)
    plan = plan_identity(linked(facts), before)
    numbers = {m.identity_id: m.profile_no for m in before.values()}
    after = {i: Member(i, name, numbers[name], 100) for i, name in ((i, people(plan)[i]) for i in before)}
    again = plan_identity(linked(facts), after)
    assert not again.merges
    assert not again.names
    assert again.edges == plan.edges


def test_the_interesting_branches_were_reached() -> None:
    print(dict(SEEN))
    assert SEEN["joined"] > 200
    assert SEEN["merge"] > 100
    assert SEEN["newborn winner"] > 50
