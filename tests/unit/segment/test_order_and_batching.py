"""Neither the order of arrival, nor the batching, nor repeats show in who is where."""

from collections import Counter
from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from segment_service.domain.heard import Heard
from segment_service.events.consumers import heard_of

from .history import acts, history_of
from .memory import Memory, reference

REACHED: Counter[str] = Counter()


def taken(heard: Sequence[Heard], random: Random) -> Memory:
    memory = Memory()
    left = list(heard)
    while left:
        size = random.randint(1, 5)
        memory.take(left[:size])
        left = left[size:]
    return memory


@settings(max_examples=400, deadline=None)
@given(done=acts, random=st.randoms(use_true_random=False))
def test_end_state_is_a_function_of_the_set_of_records(done: list, random: Random) -> None:
    history = history_of(done)
    heard = heard_of(history.records)
    if not heard:
        return
    shuffled = heard + random.choices(heard, k=len(heard) // 2)
    random.shuffle(shuffled)
    expected = reference(heard)
    ordered, mixed = taken(heard, random), taken(shuffled, random)
    assert ordered.members == expected
    assert mixed.members == expected
    assert mixed.states == ordered.states
    assert mixed.traits == ordered.traits
    changes = ordered.changes + mixed.changes
    REACHED["cases"] += 1
    REACHED["merge"] += history.merges > 0
    REACHED["left"] += any(c.kind == "left" for c in changes)
    consents = {"seg_7", "seg_8"}
    REACHED["consented"] += any(s in consents for s, _ in expected)
    REACHED["withdrew"] += any(c.kind == "left" and c.segment_id in consents for c in changes)
    REACHED["left by merge"] += any(c.reason == "merged" for c in changes)


@settings(max_examples=200, deadline=None)
@given(done=acts, random=st.randoms(use_true_random=False))
def test_the_history_of_changes_alternates_and_ends_in_the_members(done: list, random: Random) -> None:
    heard = heard_of(history_of(done).records)
    random.shuffle(heard)
    memory = taken(heard, random)
    inside: set[tuple[str, object]] = set()
    for change in memory.changes:
        key = (change.segment_id, change.person.identity_id)
        assert (change.kind == "entered") == (key not in inside)
        inside ^= {key}
    assert inside == memory.members


def test_interesting_branches_were_reached() -> None:
    cases = REACHED["cases"]
    print({name: f"{n / cases:.0%}" for name, n in REACHED.items()})
    assert cases
    assert REACHED["merge"] > 0.2 * cases
    assert REACHED["left"] > 0.2 * cases
    assert REACHED["left by merge"] > 0.05 * cases
    assert REACHED["consented"] > 0.1 * cases
    assert REACHED["withdrew"] > 0.02 * cases
