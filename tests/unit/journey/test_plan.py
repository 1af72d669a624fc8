"""Runs through whole definitions: the ledger of nodes, entries, and what a late event undoes."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journey_service.domain.definition import Definition
from journey_service.domain.plan import MOST_STEPS, EntryRefused, Steps, plan_entry, plan_steps, superseded
from journey_service.domain.run import Event, MessageOutcome, Moment, Run

from ._reached import assert_floor, counter
from .making import END, at, definition, event, run, wait_for

SEND = {"kind": "send", "channel": "sms", "content": "cnt_1", "next": {"done": "end"}}
PLAIN = definition(
    "idle",
    {
        "idle": wait_for({"bought": {"event": "Bought"}}, "10m", {"bought": "end", "timeout": "say"}),
        "say": SEND,
        "end": END,
    },
)


def test_a_run_goes_as_far_as_it_can_in_one_look() -> None:
    steps = plan_steps(run("idle"), PLAIN, [event("Bought", 3, 1)], None, at(5))
    assert [(t.sequence, t.node_id, t.outcome, t.to_node_id) for t in steps.transitions] == [
        (0, "idle", "bought", "end"),
        (1, "end", "exit:done", ""),
    ]
    after = steps.after
    assert (after.state, after.exit_reason, after.exited_at, after.wake_at) == ("exited", "done", at(5), None)
    assert steps.transitions[0].inputs["opened"] == at(0).isoformat()


def test_a_time_out_says_its_message_once() -> None:
    steps = plan_steps(run("idle"), PLAIN, [], None, at(11))
    assert [t.outcome for t in steps.transitions] == ["timeout"]
    (issued,) = steps.issued
    assert (issued.run.sequence, issued.run.node_id) == (1, "say")
    assert issued.intention.not_after == at(10) + timedelta(days=1)
    assert steps.after.opened == Moment(at(10))
    again = plan_steps(steps.after, PLAIN, [], None, at(12))
    assert (again.changed, again.issued, again.transitions) == (False, [], [])
    assert steps.after.memory == {"issued": 1}
    circle = definition("say", {"say": {**SEND, "next": {"done": "rest"}},
                                "rest": {"kind": "wait", "for": "1h", "next": {"done": "say"}}})  # fmt: skip
    said = plan_steps(run("say"), circle, [], None, at(0)).after
    rested = plan_steps(said, circle, [], MessageOutcome(0, True, "", at(1)), at(1)).after
    assert (rested.node_id, rested.memory) == ("rest", {}), "a node's memory ends with it"
    sent = plan_steps(steps.after, PLAIN, [], MessageOutcome(1, True, "", at(12)), at(13))
    assert [t.outcome for t in sent.transitions] == ["done", "exit:done"]


def test_a_circle_that_never_waits_is_stopped() -> None:
    circle = definition("a", {
        "a": {"kind": "wait", "for": "1s", "next": {"done": "b"}},
        "b": {"kind": "wait", "for": "1s", "next": {"done": "a"}},
    })  # fmt: skip
    steps = plan_steps(run("a"), circle, [], None, at(60))
    assert (steps.after.state, steps.after.exit_reason) == ("exited", "loop")
    assert [t.sequence for t in steps.transitions] == list(range(MOST_STEPS + 1))
    assert steps.transitions[-1].outcome == "exit:loop"


def test_events_of_one_instant_each_answer_once() -> None:
    """Three waits in a circle and two events of one millisecond: the run waits for a third."""
    again = definition("a", {"a": wait_for({"seen": {"event": "Viewed"}}, "1h", {"seen": "a", "timeout": "end"}),
                             "end": END})  # fmt: skip
    begin = run("a", Moment(at(3), "e0001"))
    views = [event("Viewed", 3, 0), event("Viewed", 3, 1), event("Viewed", 3, 2)]
    steps = plan_steps(begin, again, views, None, at(4))
    assert [t.inputs["event_id"] for t in steps.transitions] == ["e0000", "e0002"]
    assert (steps.after.state, steps.after.opened) == ("active", Moment(at(3), "e0001 e0000 e0002"))
    later = plan_steps(steps.after, again, [*views, event("Viewed", 4, 4)], None, at(4))
    assert later.after.opened == Moment(at(4), "e0004")


NODES = ["n0", "n1", "n2", "n3", "n4"]
TARGET = st.sampled_from(NODES)


@st.composite
def journeys(draw: st.DrawFn) -> Definition:
    nodes: dict[str, Any] = {}
    for node_id in NODES:
        kind = draw(
            st.sampled_from(
                ["wait_for_event", "wait", "send", "send", "exit"]
                if nodes
                else ["wait_for_event", "wait", "send"]
            )
        )
        if kind == "wait_for_event":
            following = {"a": draw(TARGET), "b": draw(TARGET), "timeout": draw(TARGET)}
            branches = {"a": {"event": "A"}, "b": {"event": "B"}}
            more = {"restart_on": {"event": "R"}} if draw(st.booleans()) else {}
            nodes[node_id] = wait_for(branches, draw(st.sampled_from(["5m", "20m"])), following, **more)
        elif kind == "wait":
            length = draw(st.sampled_from(["1m", "15m"]))
            nodes[node_id] = {"kind": "wait", "for": length, "next": {"done": draw(TARGET)}}
        elif kind == "send":
            refused = {"on_refused": {"capped": draw(TARGET)}}
            nodes[node_id] = {**SEND, "next": {"done": draw(TARGET)}, **refused}
        else:
            nodes[node_id] = END
    return definition("n0", nodes)


LOOKS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 5, 15, 30, 200]),
        st.lists(st.tuples(st.sampled_from("ABR"), st.integers(-40, 2)), max_size=3),
        st.sampled_from([None, "", "capped", "no_address"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(journeys(), LOOKS)
def test_the_ledger_of_nodes_closes(journey: Definition, looks: Any) -> None:
    """Whatever happens: sequences grow by one, every node entered is left or occupied, one intention a step."""
    reached = counter("plan_steps")
    reached["cases"] += 1
    current, minute = run("n0"), 0
    events: list[Event] = []
    transitions, issued = [], []
    for wait, happened, answer in looks:
        minute += wait
        events += [event(name, minute + ago, len(events) + n) for n, (name, ago) in enumerate(happened, 1)]
        outcome = None
        if answer is not None:
            outcome = MessageOutcome(current.sequence, answer == "", answer, at(minute))
        steps = plan_steps(current, journey, events, outcome, at(minute))
        assert (steps.before, steps.changed) == (current, steps.after != current)
        if steps.transitions:
            assert steps.changed
        current = steps.after
        transitions += steps.transitions
        issued += steps.issued
        if current.state == "exited":
            break
        assert current.wake_at is not None
        assert current.wake_at > at(minute), "who waits is looked at again by itself"
    assert [t.sequence for t in transitions] == list(range(len(transitions)))
    _assert_ledger(current, [(t.node_id, t.outcome, t.to_node_id) for t in transitions])
    keys = [i.run.sequence for i in issued]
    assert len(keys) == len(set(keys))
    at_step = {t.sequence: t.node_id for t in transitions} | (
        {current.sequence: current.node_id} if current.state == "active" else {}
    )
    for each in issued:
        assert journey.nodes[at_step[each.run.sequence]].kind == "send"
    assert (
        keys
        == [n for n, node_id in sorted(at_step.items()) if journey.nodes[node_id].kind == "send"][: len(keys)]
    )
    outcomes = Counter(t.outcome for t in transitions)
    for name in ("timeout", "done", "refused", "exit:done", "exit:refused", "exit:loop"):
        reached[name] += outcomes[name] > 0
    reached["branch"] += outcomes["a"] + outcomes["b"] > 0
    reached["issued"] += bool(issued)
    reached["active"] += current.state == "active"


def _assert_ledger(current: Run, moves: list[tuple[str, str, str]]) -> None:
    entered = Counter(["n0", *(to for _, outcome, to in moves if not outcome.startswith("exit:"))])
    left = Counter(node for node, outcome, _ in moves if not outcome.startswith("exit:"))
    exited = Counter(node for node, outcome, _ in moves if outcome.startswith("exit:"))
    waiting = Counter([current.node_id] if current.state == "active" else [])
    assert entered == waiting + left + exited
    assert sum(exited.values()) == (current.state == "exited")


def test_the_ledger_saw_everything() -> None:
    assert_floor(
        "plan_steps",
        timeout=100, branch=60, issued=100, active=60, done=100, refused=15,
        **{"exit:done": 40, "exit:refused": 15, "exit:loop": 4},
    )  # fmt: skip


def entering(minute: float = 0, **more: Any) -> Run:
    return run("idle", Moment(at(minute), "e9"), run_id=UUID(int=9), **more)


ONCE = definition("end", {"end": END}, policies={"reentry": {"mode": "once"}})
COOL = definition("end", {"end": END}, policies={"reentry": {"cooldown": "1h"}})
FREE = definition("end", {"end": END})


def test_one_run_at_a_time_for_each_key() -> None:
    inside = [run("idle", entry_key="c1")]
    assert plan_entry(entering(entry_key="c1"), FREE, inside, None, True) == EntryRefused(
        "jrn_1", "already_active"
    )
    assert plan_entry(entering(entry_key="c2"), FREE, inside, None, False) is None
    assert plan_entry(entering(entry_key="c1", journey_id="jrn_2"), FREE, inside, None, False) is None


def test_once_is_once() -> None:
    assert plan_entry(entering(), ONCE, [], None, False) is None
    assert plan_entry(entering(), ONCE, [], at(-9999), True) == EntryRefused("jrn_1", "entered_before")


@pytest.mark.parametrize(("minute", "reason"), [(59.9, "cooling_down"), (60, None)])
def test_a_cooldown_ends_on_time(minute: float, reason: str | None) -> None:
    found = plan_entry(entering(minute), COOL, [], at(0), True)
    assert (found and found.reason) == reason
    assert plan_entry(entering(minute), FREE, [], at(999), True) is None


def timed_out(*known: Event) -> Steps:
    steps = plan_steps(run("idle"), PLAIN, known, None, at(11))
    assert steps.transitions[0].outcome == "timeout"
    return steps


def check(*events: Event) -> bool:
    steps = timed_out()
    return superseded(steps.after, PLAIN, steps.transitions[-1], events, at(11))


def test_what_was_accepted_before_the_decision_undoes_the_time_out() -> None:
    assert not check()
    assert check(event("Bought", 9, 1, accepted=10.9))
    assert check(event("Bought", 9, 1, accepted=11))
    assert not check(event("Bought", 9, 1, accepted=11.1)), "accepted later: the time-out stands"
    assert not check(event("Bought", 10.5, 1, accepted=10.6)), "happened after the time-out"
    assert not check(event("Other", 9, 1))


def test_only_a_time_out_can_be_undone() -> None:
    steps = timed_out()
    other = replace(steps.transitions[-1], outcome="bought")
    assert not superseded(steps.after, PLAIN, other, [event("Bought", 9, 1)], at(11))


def test_a_restart_that_came_late_undoes_the_time_out_too() -> None:
    nodes = {
        "idle": wait_for(
            {"x": {"event": "X"}}, "10m", {"x": "end", "timeout": "say"}, restart_on={"event": "R"}
        ),
        "say": SEND,
        "end": END,
    }
    journey = definition("idle", nodes)
    steps = plan_steps(run("idle"), journey, [], None, at(11))
    assert superseded(steps.after, journey, steps.transitions[-1], [event("R", 5, 1)], at(11))
