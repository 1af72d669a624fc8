"""The planner: moves runs as far as they go. Pure, so the same code runs in the service, in CheckRuns and in tests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from journey_service.domain.definition import Definition
from journey_service.domain.run import Event, Exit, Intention, Known, MessageOutcome, Moment, Pass, Run

MOST_STEPS = 50
"""A definition may lead in a circle; a run that goes round without waiting is stopped."""


@dataclass(frozen=True, slots=True)
class Transition:
    run_id: UUID
    journey_id: str
    sequence: int
    node_id: str
    outcome: str
    to_node_id: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Issued:
    """An intention with the step that issued it; the key is run and sequence."""

    run: Run
    intention: Intention


@dataclass(slots=True)
class Steps:
    """What becomes of one run."""

    before: Run
    after: Run
    transitions: list[Transition] = field(default_factory=list)
    issued: list[Issued] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.after != self.before


def plan_steps(
    run: Run, definition: Definition, events: Iterable[Event], outcome: MessageOutcome | None, now: datetime
) -> Steps:
    """Looks at the run with what is known now and moves it until it waits or ends."""
    steps = Steps(run, run)
    ordered = tuple(sorted(events, key=lambda e: e.moment))
    for _ in range(MOST_STEPS):
        current = steps.after
        node = definition.nodes[current.node_id]
        decision = node.decide(current, Known(now, ordered, outcome))
        if isinstance(decision, Exit):
            _exit(steps, decision.reason, decision.inputs, now)
            return steps
        if isinstance(decision, Pass):
            _pass(steps, definition, decision)
            continue
        if decision.intention is not None:
            steps.issued.append(Issued(current, decision.intention))
        steps.after = replace(current, wake_at=decision.wake_at, memory=dict(decision.memory))
        return steps
    _exit(steps, "loop", {"steps": MOST_STEPS}, now)
    return steps


def plan_resumed(
    run: Run, definition: Definition, events: Iterable[Event], outcome: MessageOutcome | None, now: datetime
) -> Steps:
    """As `plan_steps`, for a run that was frozen: it ends when its next step has been due for too long."""
    ordered = tuple(sorted(events, key=lambda e: e.moment))
    decision = definition.nodes[run.node_id].decide(run, Known(now, ordered, outcome))
    if isinstance(decision, Pass) and decision.moment.at < now - definition.tolerance:
        steps = Steps(run, run)
        _exit(steps, "split_late", {"due": decision.moment.at.isoformat()}, now)
        return steps
    return plan_steps(run, definition, ordered, outcome, now)


def _pass(steps: Steps, definition: Definition, decision: Pass) -> None:
    run = steps.after
    target = decision.to_node_id or definition.next[run.node_id, decision.outcome]
    looked = {"opened": run.opened.at.isoformat(), "opener": run.opened.id}
    steps.transitions.append(
        Transition(
            run.run_id,
            run.journey_id,
            run.sequence,
            run.node_id,
            decision.outcome,
            target,
            {**decision.inputs, **looked},
        )
    )
    steps.after = replace(
        run, node_id=target, sequence=run.sequence + 1, opened=decision.moment, memory={}, wake_at=None
    )


def _exit(steps: Steps, reason: str, inputs: Mapping[str, Any], now: datetime) -> None:
    run = steps.after
    steps.transitions.append(
        Transition(run.run_id, run.journey_id, run.sequence, run.node_id, f"exit:{reason}", "", inputs)
    )
    steps.after = replace(run, state="exited", wake_at=None, exited_at=now, exit_reason=reason, memory={})


@dataclass(frozen=True, slots=True)
class EntryRefused:
    journey_id: str
    reason: str


def plan_entry(
    new: Run, definition: Definition, active: Iterable[Run], last_exit: datetime | None, ever: bool
) -> EntryRefused | None:
    """Whether this person may start this run now. `active`: their unfinished runs; `last_exit`, `ever`: of this
    journey and entry key."""
    if any(r.journey_id == new.journey_id and r.entry_key == new.entry_key for r in active):
        return EntryRefused(new.journey_id, "already_active")
    if definition.reentry.mode == "once" and ever:
        return EntryRefused(new.journey_id, "entered_before")
    cooldown = definition.reentry.cooldown
    # The exit's time is when we decided it: without a cooldown, an event that we were late to hear of is no repeat.
    if cooldown and last_exit is not None and new.opened.at < last_exit + cooldown:
        return EntryRefused(new.journey_id, "cooling_down")
    return None


def superseded(
    run: Run, definition: Definition, last: Transition, events: Iterable[Event], decided_at: datetime
) -> bool:
    """Whether an event accepted before a time-out was decided says that the time-out should not have come."""
    node = definition.nodes.get(last.node_id)
    if node is None or last.outcome != "timeout":
        return False
    opened = Moment(datetime.fromisoformat(last.inputs["opened"]), last.inputs["opener"])
    then = replace(run, node_id=last.node_id, sequence=last.sequence, opened=opened, memory={})
    known = tuple(sorted((e for e in events if e.accepted_at <= decided_at), key=lambda e: e.moment))
    decision = node.decide(then, Known(decided_at, known))
    return not (isinstance(decision, Pass) and decision.outcome == last.outcome)
