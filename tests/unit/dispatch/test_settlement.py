"""What happens to a message, in any order and any number of times, never moves it back and never doubles it."""

from collections import Counter
from datetime import timedelta

from dispatch_service.domain.messages import AttemptState, MessageState
from dispatch_service.domain.settlement import (
    Accepted,
    Deferred,
    Event,
    LeaseExpired,
    Lost,
    NotThere,
    Place,
    Receipt,
    Refused,
    Silent,
    Standing,
    Unaskable,
    plan_settlement,
    settle,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ._made import NOW, intention

LATER = NOW + timedelta(seconds=5)
EVENTS: list[Event] = [
    Accepted("SB1"),
    Refused("no_address"),
    Refused("provider:NUMBER_INVALID", "NUMBER_INVALID"),
    Deferred("RATE_LIMITED", NOW),
    Lost("TimeoutError"),
    NotThere(),
    Silent(),
    Unaskable(),
    LeaseExpired(),
    Receipt(MessageState.ACCEPTED, "SB1"),
    Receipt(MessageState.DELIVERED, "SB1"),
    Receipt(MessageState.FAILED, "SB1", "HANDSET_UNREACHABLE"),
    Receipt(MessageState.BOUNCED, "", "5.1.1", "hard_bounce"),
    Receipt(MessageState.COMPLAINED, "", "abuse", "complaint"),
]
# What leads to a call, and what a lost call leads to, often enough to go round several times.
often: list[Event | str] = ["claim", "call", "time", Lost("TimeoutError"), NotThere(), Unaskable()]
lost: list[Event | str] = ["claim", "call", Lost("TimeoutError")]
steps = st.builds(
    lambda began, then: began + then,
    st.sampled_from([[], lost]),
    st.lists(st.sampled_from([*EVENTS, *often * 4]), min_size=5, max_size=40),
)
reached: Counter[str] = Counter()


class Row:
    """A message's rows, moved as store and sender move them."""

    def __init__(self) -> None:
        self.state = MessageState.QUEUED
        self.attempts: dict[int, AttemptState] = {}
        self.place: Place | None = Place("send", NOW, 1)
        self.now = NOW
        self.states: list[MessageState] = []
        self.unaskable = False
        """Its provider was asked and cannot be: only a receipt can tell what became of it."""

    def step(self, step: Event | str) -> None:
        latest = max(self.attempts, default=0)
        if step == "claim":
            if self.place is not None and self.place.stage == "send":
                number = self.place.number
                self.attempts[number] = AttemptState.RESERVED
                self.place = Place("lease", self.now + timedelta(seconds=3), number)
        elif step == "call":
            if self.attempts.get(latest) is AttemptState.RESERVED:
                self.attempts[latest] = AttemptState.CALLING
        elif step == "time":
            self.now += timedelta(seconds=10)
        else:
            self.settle(step, latest)

    def settle(self, event: Event, latest: int) -> None:
        attempt = self.attempts.get(latest)
        standing = Standing(intention(), self.state, attempt, latest, NOW + timedelta(seconds=4), NOW)
        if isinstance(event, LeaseExpired) and (self.place is None or self.place.stage != "lease"):
            return  # the reaper only takes leases
        change = settle(standing, event, self.now)
        if change is None:
            return
        if change.attempt is not None:
            self.attempts[latest] = change.attempt
        if change.state is not None:
            assert change.state.rank > self.state.rank
            self.state = change.state
            self.states.append(change.state)
        if change.place is not None:
            self.place = change.place if change.place.stage else None
            self.unaskable = isinstance(event, Unaskable)


@settings(derandomize=True, max_examples=300)
@given(steps)
def test_whatever_happens_states_only_rise_and_no_work_is_lost(made: list[Event | str]) -> None:
    row = Row()
    for step in made:
        row.step(step)
        assert len(set(row.states)) == len(row.states)
        assert sum(state.final for state in row.states if state is not MessageState.COMPLAINED) <= 1
        under_way = [s for s in row.attempts.values() if s is not AttemptState.REFUSED]
        assert len(under_way) <= 1
        done = row.state.rank >= MessageState.ACCEPTED.rank
        # Whoever is not done has a place in the queue, and whoever has one can still be sent or found out.
        assert (row.place is None) == (done or row.unaskable)
        if row.unaskable and not done:
            reached["unaskable"] += 1
        reached[row.state] += 1


def test_every_state_was_reached() -> None:
    test_whatever_happens_states_only_rise_and_no_work_is_lost()
    total = sum(reached.values())
    print({str(state): f"{count / total:.1%}" for state, count in reached.items()})
    assert all(reached[state] > total * 0.01 for state in (*MessageState, "unaskable"))


def _standing(state: MessageState, attempt: AttemptState | None) -> Standing:
    return Standing(intention(), state, attempt, 1, LATER, NOW)


def test_a_receipt_may_come_before_the_answer() -> None:
    calling = _standing(MessageState.QUEUED, AttemptState.CALLING)
    change = settle(calling, Receipt(MessageState.DELIVERED, "SB1"), NOW)
    assert change is not None
    assert (change.state, change.attempt) == (MessageState.DELIVERED, AttemptState.ACCEPTED)
    assert settle(_standing(MessageState.DELIVERED, AttemptState.ACCEPTED), Accepted("SB1"), NOW) is None


def test_a_receipt_stops_a_second_call() -> None:
    reserved = _standing(MessageState.UNKNOWN, AttemptState.RESERVED)
    change = settle(reserved, Receipt(MessageState.DELIVERED, "SB1"), NOW)
    assert change is not None
    assert change.attempt is AttemptState.REFUSED
    assert change.place == Place(None)


def test_a_final_answer_is_not_changed_by_a_late_one() -> None:
    for final in (MessageState.DELIVERED, MessageState.FAILED, MessageState.REFUSED):
        for late in (Receipt(MessageState.DELIVERED, "x"), Receipt(MessageState.FAILED, "x"), Accepted("x")):
            assert settle(_standing(final, AttemptState.ACCEPTED), late, NOW) is None


def test_a_call_under_way_is_left_alone_until_its_deadline() -> None:
    calling = _standing(MessageState.QUEUED, AttemptState.CALLING)
    early = settle(calling, LeaseExpired(), NOW)
    assert early is not None
    assert early.place == Place("lease", LATER, 1)
    late = settle(calling, LeaseExpired(), LATER)
    assert late is not None
    assert late.state is MessageState.UNKNOWN
    assert late.attempt is AttemptState.UNKNOWN


def test_of_two_events_for_one_message_the_first_counts() -> None:
    standing = _standing(MessageState.ACCEPTED, AttemptState.ACCEPTED)
    message_id = standing.intention.message_id
    twice: list[tuple[object, Event]] = [
        (message_id, Receipt(MessageState.DELIVERED, "x")),
        (message_id, Receipt(MessageState.FAILED, "x")),
    ]
    changes = plan_settlement({message_id: standing}, twice, NOW)  # type: ignore[arg-type]
    assert [change.state for change in changes] == [MessageState.DELIVERED]
