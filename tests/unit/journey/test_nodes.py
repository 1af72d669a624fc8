"""What each node decides."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journey_service.domain.matching import lookup
from journey_service.domain.nodes import kinds
from journey_service.domain.plan import plan_steps
from journey_service.domain.problems import Reader
from journey_service.domain.run import (
    Decision,
    Event,
    Exit,
    Known,
    MessageOutcome,
    Moment,
    Pass,
    Run,
    Wait,
)

from ._reached import assert_floor, counter
from .making import END, START, at, definition, event, run, wait_for


def node(kind: str, **config: Any) -> Any:
    found: list[Any] = []
    made = kinds()[kind].read(Reader({"kind": kind, **config}, "", found))
    assert not found
    return made


def decide(a_node: Any, a_run: Run, now: float, *events: Event, outcome: Any = None) -> Decision:
    ordered = tuple(sorted(events, key=lambda e: e.moment))
    found: Decision = a_node.decide(a_run, Known(at(now), ordered, outcome))
    return found


SAME = [{"event": "cart_id", "context": "entry.cart_id"}]
IDLE = node(
    "wait_for_event",
    branches={"bought": {"event": "Bought", "match": SAME}, "left": {"event": "Left"}},
    restart_on={"event": "Added", "match": SAME},
    timeout="10m",
)
RUN = run("idle", entry={"cart_id": "c1"})


def bought(minute: float, n: int = 1, cart: Any = "c1") -> Event:
    return event("Bought", minute, n, cart_id=cart)


def added(minute: float, n: int = 1, cart: Any = "c1") -> Event:
    return event("Added", minute, n, cart_id=cart)


def test_an_event_answers_and_the_next_node_looks_from_it_on() -> None:
    answer = decide(IDLE, RUN, 5, bought(3))
    assert isinstance(answer, Pass)
    assert (answer.outcome, answer.moment) == ("bought", Moment(at(3), "e0001"))
    assert answer.inputs == {"event_id": "e0001", "event": "Bought"}


def test_nothing_yet_waits_until_the_time_out() -> None:
    assert decide(IDLE, RUN, 5) == Wait(at(10))
    assert decide(IDLE, RUN, 9.99) == Wait(at(10))
    answer = decide(IDLE, RUN, 10)
    assert isinstance(answer, Pass)
    assert (answer.outcome, answer.moment) == ("timeout", Moment(at(10)))


def test_an_event_exactly_at_the_time_out_counts_and_one_after_it_does_not() -> None:
    on_time = decide(IDLE, RUN, 30, bought(10))
    late = decide(IDLE, RUN, 30, event("Bought", 10 + 1 / 60_000, 1, cart_id="c1"))
    assert isinstance(on_time, Pass)
    assert isinstance(late, Pass)
    assert (on_time.outcome, late.outcome) == ("bought", "timeout")


def test_an_event_before_the_opening_is_ignored_and_one_of_the_same_moment_counts() -> None:
    opened = run("idle", Moment(at(5), "e0005"), entry={"cart_id": "c1"})
    assert decide(IDLE, opened, 6, bought(4, 9)) == Wait(at(15))
    assert decide(IDLE, opened, 6, bought(5, 5)) == Wait(at(15)), "what opened the wait does not answer it"
    assert isinstance(decide(IDLE, opened, 6, bought(5, 4)), Pass)
    assert isinstance(decide(IDLE, opened, 6, bought(5, 6)), Pass)


def test_another_cart_is_another_matter() -> None:
    assert decide(IDLE, RUN, 5, bought(3, cart="c2"), event("Bought", 4, 2)) == Wait(at(10))
    without = run("idle")
    assert decide(IDLE, without, 5, event("Bought", 3, 1)) == Wait(at(10)), "nothing is not equal to nothing"
    one = run("idle", entry={"cart_id": 1})
    assert decide(IDLE, one, 5, bought(3, cart=True)) == Wait(at(10)), "a boolean is not a number"


def test_a_restart_begins_the_time_anew_and_can_be_repeated() -> None:
    assert decide(IDLE, RUN, 12, added(8)) == Wait(at(18))
    assert decide(IDLE, RUN, 20, added(8), added(17, 2)) == Wait(at(27))
    after = decide(IDLE, RUN, 27, added(8), added(17, 2))
    assert isinstance(after, Pass)
    assert (after.outcome, after.moment.at) == ("timeout", at(27))
    assert isinstance(decide(IDLE, RUN, 26, added(8), bought(15, 2)), Pass)


def test_a_restart_after_the_time_out_comes_too_late() -> None:
    answer = decide(IDLE, RUN, 20, added(11), bought(12, 2))
    assert isinstance(answer, Pass)
    assert (answer.outcome, answer.moment.at) == ("timeout", at(10))


def test_the_first_event_decides_between_branches() -> None:
    answer = decide(IDLE, RUN, 5, bought(4), event("Left", 3, 2))
    assert isinstance(answer, Pass)
    assert answer.outcome == "left"


def test_predicates_count() -> None:
    dear = [{"property": "total", "op": "gte", "value": 100}]
    rich = node("wait_for_event", branches={"big": {"event": "Bought", "where": dear}}, timeout="10m")
    assert decide(rich, RUN, 5, event("Bought", 1, 1, total=99)) == Wait(at(10))
    assert isinstance(decide(rich, RUN, 5, event("Bought", 1, 1, total=100)), Pass)


def test_waiting_is_for_a_length_of_time() -> None:
    pause = node("wait", **{"for": "2h"})
    assert decide(pause, RUN, 119) == Wait(at(120))
    assert decide(pause, RUN, 500) == Pass("done", Moment(at(120)))


SEND = node(
    "send", channel="sms", content="cnt_1", on_refused={"capped": "later", "*": "end"}, not_after="30m"
)
STRICT = node("send", channel="sms", content="cnt_1")


def issued(**more: Any) -> Run:
    return run("say", sequence=4, memory={"issued": 4}, wake_at=at(1470), **more)


def test_a_message_is_wanted_once_and_until_its_last_moment() -> None:
    first = decide(SEND, run("say", sequence=4), 1)
    assert isinstance(first, Wait)
    assert first.intention is not None
    assert (first.intention.not_after, first.intention.content_id) == (at(30), "cnt_1")
    assert (first.wake_at, first.memory) == (at(30) + timedelta(days=1), {"issued": 4})
    again = decide(SEND, issued(), 2)
    assert again == Wait(at(1470), {"issued": 4})


def test_a_message_says_what_it_is_about() -> None:
    about = node("send", channel="sms", content="c", purpose="transactional", topic="news", org_unit="s1")
    wanted = decide(about, run("say"), 1)
    assert isinstance(wanted, Wait)
    assert wanted.intention is not None
    said = wanted.intention
    assert (said.purpose, said.topic, said.org_unit_id) == ("transactional", "news", "s1")


def test_a_message_wanted_too_late_still_waits_for_its_answer() -> None:
    late = decide(SEND, run("say"), 1000)
    assert isinstance(late, Wait)
    assert late.wake_at == at(1000) + timedelta(days=1)


@pytest.mark.parametrize(
    ("a_node", "sent", "reason", "expected"),
    [
        (SEND, True, "", Pass("done", Moment(at(3)))),
        (SEND, False, "capped", Pass("refused", Moment(at(3)), {"refused": "capped"}, "later")),
        (SEND, False, "no_address", Pass("refused", Moment(at(3)), {"refused": "no_address"}, "end")),
        (STRICT, False, "no_address", Exit("refused", {"refused": "no_address"})),
    ],
)
def test_the_outcome_leads_on(a_node: Any, sent: bool, reason: str, expected: Decision) -> None:
    assert decide(a_node, issued(), 5, outcome=MessageOutcome(4, sent, reason, at(3))) == expected


def test_the_outcome_of_another_step_is_no_answer() -> None:
    assert isinstance(decide(SEND, issued(), 5, outcome=MessageOutcome(3, True, "", at(3))), Wait)


def test_time_does_not_run_backwards_over_a_message() -> None:
    answer = decide(
        SEND, issued(opened=Moment(at(4), "e0000")), 5, outcome=MessageOutcome(4, True, "", at(3))
    )
    assert answer == Pass("done", Moment(at(4), "e0000")), "the event that started it stays used up"


def test_a_lost_answer_ends_the_run() -> None:
    assert decide(SEND, issued(), 1470) == Exit("no_outcome")


def test_a_path_leads_through_objects_only() -> None:
    assert lookup({"a": {"b": 1}}, "a.b") == 1
    assert lookup({"a": [1]}, "a.b") is None
    assert lookup({}, "a") is None


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["Bought", "Added", "Added", "Left", "Noise"]),
        st.integers(-4, 24),
        st.sampled_from(["c1", "c1", "c2"]),
    ),
    max_size=9,
).map(
    lambda found: [
        event(name, minute, n, cart_id=cart) for n, (name, minute, cart) in enumerate(found, start=1)
    ]
)
OPENED = st.integers(0, 3).map(
    lambda minute: run("idle", Moment(at(minute), "e0000"), entry={"cart_id": "c1"})
)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(OPENED, EVENTS, st.integers(0, 60))
def test_looking_at_each_event_is_looking_once_at_the_end(a_run: Run, events: list[Event], end: int) -> None:
    """Stepwise = all at once, provided that whoever looks does so before the time-out of what was known then."""
    reached = counter("wait_for_event")
    reached["cases"] += 1
    known: list[Event] = []
    answer: Decision = decide(IDLE, a_run, a_run.opened.at.minute - START.minute)
    for each in sorted((e for e in events if e.moment.at <= at(end)), key=lambda e: e.moment):
        assert isinstance(answer, Wait)
        assert answer.wake_at is not None
        if answer.wake_at < each.moment.at:
            break
        known.append(each)
        answer = IDLE.decide(a_run, Known(max(each.moment.at, a_run.opened.at), tuple(known)))
        if isinstance(answer, Pass):
            break
    if isinstance(answer, Wait) and answer.wake_at is not None and answer.wake_at <= at(end):
        answer = IDLE.decide(a_run, Known(answer.wake_at, tuple(known)))
    at_once = decide(IDLE, a_run, end, *(e for e in events if e.moment.at <= at(end)))
    assert at_once == answer
    reached["timeout"] += isinstance(answer, Pass) and answer.outcome == "timeout"
    reached["branch"] += isinstance(answer, Pass) and answer.outcome != "timeout"
    reached["waits on"] += isinstance(answer, Wait)
    deadline = a_run.opened.at + IDLE.timeout
    reached["restart"] += (isinstance(answer, Wait) and answer.wake_at != deadline) or (
        isinstance(answer, Pass) and answer.moment.at > deadline
    )
    reached["before opening"] += any(e.moment <= a_run.opened for e in events)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(OPENED, EVENTS.flatmap(lambda e: st.tuples(st.just(e), st.permutations(e))), st.integers(0, 60))
def test_neither_order_of_arrival_nor_older_events_matter(
    a_run: Run, both: tuple[list[Event], list[Event]], end: int
) -> None:
    first, shuffled = both
    config = {
        "bought": {"event": "Bought", "match": SAME},
        "left": {"event": "Left"},
    }
    journey = definition(
        "idle",
        {
            "idle": wait_for(
                config,
                "10m",
                {"bought": "end", "left": "end", "timeout": "end"},
                restart_on={"event": "Added", "match": SAME},
            ),
            "end": END,
        },
    )
    counter("order")["cases"] += 1
    one = plan_steps(a_run, journey, first, None, at(end))
    other = plan_steps(a_run, journey, shuffled, None, at(end))
    newer = plan_steps(a_run, journey, [e for e in first if e.moment > a_run.opened], None, at(end))
    assert one == other == newer
    counter("order")["shuffled"] += first != shuffled
    counter("order")["moved"] += bool(one.transitions)


def test_the_laws_were_put_to_the_test() -> None:
    floors = {"waits on": 30, "before opening": 50}
    assert_floor("wait_for_event", timeout=100, branch=100, restart=40, **floors)
    assert_floor("order", shuffled=60, moved=60)
