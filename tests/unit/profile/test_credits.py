"""Laws of one-time credits: a message takes one at most, and no grant gives more than it has."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain.credits import Held, Wanted, plan_uses

NOW = datetime(2026, 11, 1, tzinfo=UTC)
reached: Counter[str] = Counter()
people = st.sampled_from([UUID(int=1), UUID(int=2)])
wanted = st.lists(
    st.builds(Wanted, st.sampled_from("abcdefgh"), people, st.just("wx1"), st.sampled_from(["t1", "t2"])),
    max_size=8,
    unique_by=lambda one: one.message_id,
).map(lambda some: some + some[:2])
held = st.lists(
    st.builds(
        Held,
        st.integers(0, 99).map(lambda n: UUID(int=n)),
        st.integers(100, 102).map(lambda n: UUID(int=n)),
        people,
        st.just("wx1"),
        st.sampled_from(["t1", "t2"]),
        st.sampled_from([0, 1, 2, 2]),
        st.sampled_from([None, NOW, NOW + timedelta(days=1), NOW + timedelta(days=2)]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda g: g.grant_id,
)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(wanted, held)
def test_no_grant_gives_more_than_it_has(wanted: list[Wanted], held: list[Held]) -> None:
    plan = plan_uses(wanted, held, {}, NOW)
    grants = {g.grant_id: g for g in held}
    taken = Counter(use.grant_id for use in plan.fresh)
    first = {one.message_id: one for one in wanted}
    assert plan.uses.keys() <= first.keys()
    for use in plan.fresh:
        grant, one = grants[use.grant_id], first[use.message_id]
        assert (grant.person, grant.template_id) == (one.person, one.template_id)
        assert grant.expires_at is None or grant.expires_at > NOW
    assert all(count <= grants[grant].left for grant, count in taken.items())
    again = plan_uses(wanted, held, plan.uses, NOW)
    assert not any(use.message_id in plan.uses for use in again.fresh)
    reached["used"] += bool(taken)
    reached["used up"] += any(count == grants[grant].left > 1 for grant, count in taken.items())
    reached["none left"] += plan.uses.keys() < first.keys() and bool(taken)


def test_the_interesting_branches_were_reached() -> None:
    print(f"\ncredits: {dict(reached)}")
    assert all(reached[name] >= 20 for name in ("used", "used up", "none left"))


def test_what_expires_first_is_used_first() -> None:
    grants = [
        Held(UUID(int=n), UUID(int=9), UUID(int=1), "wx1", "t1", 1, expires)
        for n, expires in enumerate((None, NOW + timedelta(days=2), NOW + timedelta(days=1)))
    ]
    asked = [Wanted(message, UUID(int=1), "wx1", "t1") for message in "abcd"]
    plan = plan_uses(asked, grants, {}, NOW)
    assert [use.grant_id.int for use in plan.fresh] == [2, 1, 0]
