"""The pure half of the map: the highest version wins, in whatever order and pieces it is heard."""

from collections.abc import Iterable
from itertools import pairwise
from uuid import UUID

from hypothesis import event, given
from hypothesis import strategies as st
from people import Membership, Moved, newest, plan_changes

IDENTITIES = [UUID(int=n) for n in range(1, 6)]


@st.composite
def histories(draw: st.DrawFn) -> list[Membership]:
    """What profile could publish: each version once, so that equal versions say the same."""
    versions = draw(st.lists(st.integers(1, 30), unique=True, max_size=12))
    people = st.sampled_from(range(3))
    return [
        Membership(draw(st.sampled_from(IDENTITIES)), IDENTITIES[person], person + 1, version)
        for version in versions
        for person in [draw(people)]
    ]


@st.composite
def heard_twice(draw: st.DrawFn) -> tuple[list[Membership], list[list[Membership]]]:
    """A history, and the same facts shuffled, some of them repeated, cut into batches."""
    history = draw(histories())
    repeats = draw(st.lists(st.sampled_from(history), max_size=5)) if history else []
    shuffled = draw(st.permutations(history + repeats))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    edges = [0, *cuts, len(shuffled)]
    return history, [list(shuffled[a:b]) for a, b in pairwise(edges)]


def fold(batches: Iterable[Iterable[Membership]]) -> tuple[dict[UUID, Membership], list[Moved]]:
    known: dict[UUID, Membership] = {}
    moves: list[Moved] = []
    for batch in batches:
        fresh, moved = plan_changes(known, newest(batch))
        known |= fresh
        moves += moved
    return known, moves


@given(heard_twice())
def test_any_order_and_batching_gives_the_same_map(
    case: tuple[list[Membership], list[list[Membership]]],
) -> None:
    history, batches = case
    expected = {m.identity_id: m for m in sorted(history, key=lambda m: m.version)}
    known, moves = fold(batches)
    assert known == expected == newest(history)
    event("somebody moved" if moves else "nobody moved")


@given(heard_twice())
def test_the_moves_lead_from_the_first_person_heard_of_to_todays(
    case: tuple[list[Membership], list[list[Membership]]],
) -> None:
    _, batches = case
    known: dict[UUID, Membership] = {}
    place: dict[UUID, UUID] = {}
    for batch in batches:
        fresh, moved = plan_changes(known, newest(batch))
        for move in moved:
            assert place[move.identity_id] == move.from_profile_id != move.to.profile_id
            place[move.identity_id] = move.to.profile_id
        for identity_id, membership in fresh.items():
            assert place.setdefault(identity_id, membership.profile_id) == membership.profile_id
        known |= fresh
    assert place == {i: m.profile_id for i, m in known.items()}


def test_an_equal_or_older_version_is_no_news() -> None:
    old = Membership(IDENTITIES[0], IDENTITIES[0], 1, 7)
    for version in (6, 7):
        heard = Membership(IDENTITIES[0], IDENTITIES[1], 2, version)
        assert plan_changes({IDENTITIES[0]: old}, newest([heard])) == ({}, [])


def test_a_newer_version_of_the_same_person_is_stored_and_is_no_move() -> None:
    old = Membership(IDENTITIES[0], IDENTITIES[1], 2, 7)
    new = Membership(IDENTITIES[0], IDENTITIES[1], 2, 8)
    assert plan_changes({IDENTITIES[0]: old}, newest([new])) == ({IDENTITIES[0]: new}, [])
