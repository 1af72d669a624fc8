"""How runs move: answers, time-outs, messages, merges, and the last question before a message goes out."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.clock import ManualClock
from chassis.ids import new_id
from journey_service.domain.run import Moment
from journey_service.usecases import advance
from waypost.journey.v1 import journey_service_pb2 as pb

from .definitions import definition, send, wait_for
from .harness import Journey
from .laws import assert_consistent
from .records import (
    ACCEPTED,
    ANNA,
    BERT,
    BOUNCED,
    COMPLAINED,
    FAILED,
    REFUSED,
    Person,
    at,
    became,
    happened,
    merged,
)

LOW = Person(0)
EXIT = {"kind": "exit"}


async def test_a_run_that_cannot_be_planned_holds_up_nobody_elses_timer(journey: Journey) -> None:
    await journey.publish(definition())
    await journey.take(*(happened("Added", n, Person(n)) for n in range(1, 8)))
    await journey.rows("UPDATE runs SET node_id = 'nowhere' WHERE profile_id = $1", Person(3).profile_id)
    said = await journey.fire(60)
    assert len({i.run_id for i in said.intentions} | {e.run_id for e in said.exited}) == 6
    left = await journey.rows(
        "SELECT profile_id FROM timers JOIN runs USING (run_id) WHERE node_id = 'nowhere'"
    )
    assert left == [(Person(3).profile_id,)]
    assert await journey.timers.fire_due() == 0


async def test_an_event_that_came_before_its_entry_answers_the_wait(journey: Journey) -> None:
    await journey.publish(definition())
    await journey.take(happened("Bought", 5))
    said = await journey.take(happened("Added", 3))
    assert (len(said.entered), said.reasons) == (1, ["done"])
    assert await journey.rows("SELECT 1 FROM timers") == []
    await assert_consistent(journey)


async def test_one_batch_may_hold_entry_and_answer_in_any_order(journey: Journey) -> None:
    await journey.publish(definition())
    assert (await journey.take(happened("Bought", 5), happened("Added", 3))).reasons == ["done"]
    assert (await journey.take(happened("Added", 3, BERT), happened("Bought", 2, BERT))).reasons == []
    await assert_consistent(journey)


async def test_an_event_of_the_very_instant_of_the_entry_answers_whatever_its_id(journey: Journey) -> None:
    """The store must hand over what happened at the opening itself."""
    await journey.publish(definition())
    for n in range(4):
        cart = f"c{n}"
        await journey.take(happened("Bought", 3, event_id=f"b{n}", cart_id=cart))
        assert (await journey.take(happened("Added", 3, event_id=f"a{n}", cart_id=cart))).reasons == ["done"]
    await assert_consistent(journey)


async def test_the_time_out_sends_the_message(journey: Journey) -> None:
    journey_id = await journey.publish(definition())
    (entered,) = (await journey.take(happened("Added", 0, price=7))).entered
    assert (await journey.fire(9.99)).intentions == []
    (intention,) = (await journey.fire(0.01)).intentions
    assert intention.meta.record_id == f"{entered.run_id}:1"
    assert (intention.run_id, intention.run_sequence, intention.node_id) == (entered.run_id, 1, "say")
    assert (intention.journey_id, intention.channel, intention.content_id) == (journey_id, "sms", "cnt_1")
    assert intention.not_after_time.ToDatetime(at(0).tzinfo) == at(10) + timedelta(days=1)
    assert json.loads(intention.variables_json) == {"entry": {"cart_id": "c1", "price": 7}}
    assert (await journey.fire(1)).intentions == []
    assert (await journey.metrics(journey_id)).intentions_issued == 1
    await assert_consistent(journey)


async def test_a_restart_moves_the_timer(journey: Journey) -> None:
    nodes = {"idle": wait_for("Bought", "10m", "end", "say", restart_on={"event": "Added"}), "say": send(),
             "end": EXIT}  # fmt: skip
    await journey.publish(definition(nodes))
    await journey.take(happened("Added", 0))
    journey.clock.advance(timedelta(minutes=8))
    await journey.take(happened("Added", 8))
    assert (await journey.fire(9)).intentions == []
    assert len((await journey.fire(1)).intentions) == 1
    await assert_consistent(journey)


async def test_an_answer_heard_after_the_time_out_was_due_but_before_it_fired_counts(
    journey: Journey,
) -> None:
    await journey.publish(definition())
    await journey.take(happened("Added", 0))
    journey.clock.advance(timedelta(minutes=30))
    assert (await journey.take(happened("Bought", 10, accepted=29))).reasons == ["done"]
    assert (await journey.fire()).intentions == []
    await assert_consistent(journey)


@pytest.mark.parametrize(
    ("state", "reason", "outcome", "exited"),
    [
        (ACCEPTED, "", "done", "done"),
        (REFUSED, "capped", "refused", "done"),
        (FAILED, "UNDELIV", "exit:refused", "refused"),
        (BOUNCED, "5.1.1", "exit:refused", "refused"),
        (COMPLAINED, "abuse", "done", "done"),
    ],
)
async def test_what_became_of_the_message_moves_the_run(
    journey: Journey, state: int, reason: str, outcome: str, exited: str
) -> None:
    nodes = {"say": send(on_refused={"capped": "end"}), "end": EXIT}
    await journey.publish(definition(nodes, start="say"))
    (key,) = (await journey.take(happened("Added", 0))).keys
    assert key[1] == 0
    said = await journey.hear(became(key, state, 1, reason))
    assert said.reasons == [exited]
    assert (await journey.rows("SELECT outcome FROM transitions ORDER BY sequence"))[0] == (outcome,)
    again = await journey.hear(became(key, state, 1, reason), became(key, FAILED, 2, "late"))
    assert (again.exited, again.intentions) == ([], [])
    await assert_consistent(journey)


async def test_news_of_another_step_or_of_no_run_moves_nothing(journey: Journey) -> None:
    nodes = {"say": send("again"), "again": send(), "end": EXIT}
    await journey.publish(definition(nodes, start="say"))
    (key,) = (await journey.take(happened("Added", 0))).keys
    (second,) = (await journey.hear(became(key, ACCEPTED))).keys
    assert second == (key[0], 1)
    assert (await journey.hear(became(key, FAILED), became((str(uuid4()), 0), ACCEPTED))).exited == []
    assert [r[3] for r in await journey.runs()] == ["again"]
    assert (await journey.hear(became(key, FAILED), became(second, ACCEPTED))).reasons == ["done"]
    await assert_consistent(journey)


async def test_a_message_nobody_answers_for_ends_the_run_a_day_after_its_last_moment(
    journey: Journey,
) -> None:
    await journey.publish(definition({"say": send(not_after="1h"), "end": EXIT}, start="say"))
    await journey.take(happened("Added", 0))
    assert (await journey.fire(60 + 1439)).exited == []
    assert (await journey.fire(1)).reasons == ["no_outcome"]
    await assert_consistent(journey)


async def test_the_wait_after_a_message_opens_when_it_was_sent_not_when_we_heard(journey: Journey) -> None:
    nodes = {"say": send("after"), "after": wait_for("Bought", "10m", "end", "lost"), "end": EXIT,
             "lost": EXIT}  # fmt: skip
    await journey.publish(definition(nodes, start="say"))
    (key,) = (await journey.take(happened("Added", 0))).keys
    await journey.take(happened("Bought", 3))
    journey.clock.advance(timedelta(minutes=5))
    said = await journey.hear(became(key, ACCEPTED, 2))
    assert [r.exited.node_id for r in said.exited] == ["end"]


async def test_a_merge_freezes_the_younger_of_two_runs(journey: Journey) -> None:
    journey_id = await journey.publish(definition())
    await journey.take(happened("Added", 0, BERT))
    journey.clock.advance(timedelta(minutes=1))
    await journey.take(happened("Added", 1), happened("Added", 1, cart_id="c2"))
    said = await journey.take(merged(ANNA, BERT))
    assert said.reasons == ["merged"]
    states = await journey.rows("SELECT entry_key, identity_id, state FROM runs ORDER BY 1, 3")
    assert states == [
        ("c1", BERT.identity_id, "active"),
        ("c1", ANNA.identity_id, "frozen"),
        ("c2", ANNA.identity_id, "active"),
    ]
    assert {r[0] for r in await journey.runs()} == {ANNA.profile_id}
    found = await journey.metrics(journey_id)
    (idle,) = [n for n in found.nodes if n.node_id == "idle"]
    assert (idle.entered, idle.waiting, idle.frozen) == (3, 2, 1)
    assert dict(found.runs_exited) == {"merged": 1}
    await assert_consistent(journey)
    # The frozen one's time never comes, and it is no obstacle to the one that goes on.
    assert len((await journey.fire(30)).intentions) == 2
    assert (await journey.take(merged(ANNA, BERT))).exited == []
    await assert_consistent(journey)


async def test_a_run_follows_its_person_and_the_other_identity_answers(journey: Journey) -> None:
    await journey.publish(definition())
    await journey.take(happened("Added", 0, BERT))
    assert (await journey.take(happened("Other", 0), merged(ANNA, BERT))).exited == []
    assert [r[0] for r in await journey.runs()] == [ANNA.profile_id]
    await assert_consistent(journey)
    assert (await journey.take(happened("Bought", 2))).reasons == ["done"]
    await assert_consistent(journey)


async def test_what_the_other_identity_did_before_the_merge_answers_at_the_merge(journey: Journey) -> None:
    """Bought under the member number, then the browser turned out to be the member's."""
    await journey.publish(definition())
    await journey.take(happened("Added", 0, BERT), happened("Bought", 2))
    assert [r[2] for r in await journey.runs()] == ["active"]
    assert (await journey.take(merged(ANNA, BERT))).reasons == ["done"]
    await assert_consistent(journey)


async def test_only_the_runs_of_the_identity_that_moved_move(journey: Journey) -> None:
    """An event tells of one identity's new person before the merge tells of the others'."""
    await journey.publish(definition())
    twin = Person(5, BERT.no, 1)
    await journey.take(happened("Added", 0, BERT), happened("Added", 0, twin, cart_id="c2"))
    await journey.take(happened("Other", 1, twin.of(ANNA)))
    assert [r[:2] for r in sorted(await journey.runs(), key=lambda r: r[1])] == [
        (BERT.profile_id, "c1"),
        (ANNA.profile_id, "c2"),
    ]
    await assert_consistent(journey)
    assert (await journey.take(happened("Bought", 2, BERT))).reasons == ["done"]
    await journey.take(merged(ANNA, BERT, twin))
    assert {r[0] for r in await journey.runs()} == {ANNA.profile_id}
    await assert_consistent(journey)


async def test_a_merge_of_three_into_one_keeps_one_run(journey: Journey) -> None:
    journey_id = await journey.publish(definition())
    for n in (4, 3, 2):
        await journey.take(happened("Added", n, Person(n)))
        journey.clock.advance(timedelta(minutes=1))
    await journey.take(happened("Other", 4, LOW), merged(LOW, Person(4), Person(3)), merged(LOW, Person(2)))
    states = await journey.rows("SELECT state FROM runs ORDER BY entered_at")
    assert states == [("active",), ("frozen",), ("frozen",)]
    assert dict((await journey.metrics(journey_id)).runs_exited) == {"merged": 2}
    await assert_consistent(journey)


async def test_whether_a_message_may_still_go(journey: Journey) -> None:
    await journey.publish(definition())
    await journey.take(*(happened("Added", 0, Person(n)) for n in (1, 2, 3)))
    keys = (await journey.fire(11)).keys
    assert await journey.check(*keys, (str(uuid4()), 0)) == ["", "", "", "run_unknown"]
    assert await journey.check((keys[0][0], 0), keys[0]) == ["run_moved_on", ""]
    await journey.hear(became(keys[1], ACCEPTED))
    assert await journey.check(*keys) == ["", "run_exited", ""]
    assert await journey.check() == []


async def test_a_frozen_run_sends_nothing(journey: Journey) -> None:
    await journey.publish(definition({"say": send(), "end": EXIT}, start="say"))
    (older,) = (await journey.take(happened("Added", 0))).keys
    journey.clock.advance(timedelta(minutes=1))
    (younger,) = (await journey.take(happened("Added", 1, BERT))).keys
    await journey.take(merged(ANNA, BERT))
    assert await journey.check(older, younger) == ["", "run_frozen"]


async def test_an_event_accepted_before_the_time_out_but_stored_after_it_supersedes_it(
    journey: Journey,
) -> None:
    await journey.publish(definition())
    people = [Person(n) for n in (1, 2, 3, 4, 5)]
    await journey.take(*(happened("Added", 0, p) for p in people))
    said = await journey.fire(11)
    key = {i.person.identity_id: (i.run_id, i.run_sequence) for i in said.intentions}
    keys = [key[str(p.identity_id)] for p in people]
    await journey.take(
        happened("Bought", 9, people[0], accepted=10.5),
        happened("Bought", 9, people[1], accepted=11.5),
        happened("Bought", 10.5, people[2], accepted=10.6),
        happened("Bought", 9, people[3], accepted=10.5, cart_id="c9"),
    )
    assert await journey.check(*keys, keys[0]) == ["superseded", "", "", "", "", "superseded"]
    assert await journey.check(*keys[1:]) == [""] * 4
    await assert_consistent(journey)


async def test_a_merge_after_the_time_out_supersedes_it_too(journey: Journey) -> None:
    await journey.publish(definition())
    await journey.take(happened("Added", 0, BERT), happened("Bought", 5))
    (key,) = (await journey.fire(11)).keys
    assert await journey.check(key) == [""]
    await journey.take(merged(ANNA, BERT))
    assert await journey.check(key) == ["superseded"]


async def test_two_timer_loops_fire_each_run_once(journey: Journey, clock: ManualClock) -> None:
    await journey.publish(definition())
    people = [Person(n) for n in range(450)]
    await journey.take(*(happened("Added", 0, p) for p in people))
    clock.advance(timedelta(minutes=11))
    other = Journey(journey.database, journey.workspace_id, clock)
    taken = [0, 0]

    async def loop(n: int, replica: Journey) -> None:
        while sum(taken) < 450:
            taken[n] += await replica.timers.fire_due()
            await asyncio.sleep(0.005)

    async with asyncio.timeout(30):
        await asyncio.gather(loop(0, journey), loop(1, other))
    print(f"timers fired by each loop: {taken}")
    assert sum(taken) == 450
    assert min(taken) > 0
    assert len((await journey.published()).intentions) == 450
    await assert_consistent(journey)


async def test_a_workspace_far_behind_hides_no_other(journey: Journey, clock: ManualClock) -> None:
    crowded = new_id()
    async with journey.database.transaction(crowded) as tx:
        await tx.execute(
            "INSERT INTO timers SELECT $1, 0, gen_random_uuid(), $2 FROM generate_series(1, 1500)",
            crowded,
            at(0),
        )
    await journey.publish(definition())
    await journey.take(happened("Added", 0))
    clock.advance(timedelta(minutes=11))
    await journey.timers.fire_due()
    assert len((await journey.published()).intentions) == 1


async def test_a_fault_in_one_workspace_stops_no_other(journey: Journey, clock: ManualClock) -> None:
    broken = Journey(journey.database, new_id(), clock)
    for each in (broken, journey):
        await each.publish(definition())
        await each.take(happened("Added", 0))
    await broken.rows("UPDATE runs SET node_id = 'gone'")
    clock.advance(timedelta(minutes=11))
    assert await journey.timers.fire_due() == 2  # One fired, one put off.
    assert len((await journey.published()).intentions) == 1


async def test_a_run_that_moved_behind_our_back_is_planned_again(journey: Journey) -> None:
    """No lock of ours prevents it here; compare-and-set alone must."""
    await journey.publish(definition())
    await journey.take(happened("Added", 0))
    planner, calls = advance.plan_steps, 0

    def moved_once(run: Any, *rest: Any) -> Any:
        nonlocal calls
        calls += 1
        return planner(replace(run, sequence=9, opened=Moment(at(0))) if calls == 1 else run, *rest)

    advance.plan_steps = moved_once
    try:
        assert (await journey.take(happened("Bought", 2))).reasons == ["done"]
    finally:
        advance.plan_steps = planner
    assert calls == 2
    await assert_consistent(journey)


BUSY = {
    "idle": wait_for("Bought", "10m", "end", "say", restart_on={"event": "Added"}),
    "say": send("after", on_refused={"capped": "pause"}),
    "pause": {"kind": "wait", "for": "5m", "next": {"done": "say"}},
    "after": wait_for("Bought", "20m", "end", "end"),
    "end": EXIT,
}


async def test_a_run_may_start_after_another_ended_however_late_we_heard(journey: Journey) -> None:
    """Without a cooldown the order of the events decides, not the moment at which the exit was processed."""
    await journey.publish(definition())
    await journey.take(happened("Added", 0))
    journey.clock.advance(timedelta(minutes=8))
    await journey.take(happened("Bought", 5))
    assert len((await journey.take(happened("Added", 6))).entered) == 1


async def test_everything_at_once_over_the_same_people(journey: Journey, clock: ManualClock) -> None:
    """Batches, outcomes, merges and two timer loops interleaved for 200 rounds: nothing lost, nothing doubled."""
    other = Journey(journey.database, journey.workspace_id, clock)
    chooser = random.Random(11)
    journey_id = await journey.publish(definition(BUSY))
    people = [Person(n) for n in range(12)]
    minute, number, added, seen = 0.0, 0, 0, 0
    awaiting: list[tuple[str, int]] = []
    for round_no in range(200):
        batches: list[list[bytes]] = [[], [], []]
        for batch in batches:
            for _ in range(chooser.randint(1, 5)):
                number += 1
                name = chooser.choice(["Added", "Added", "Bought"])
                added += name == "Added"
                when = minute - chooser.choice([0, 0, 1, 6])
                cart = chooser.choice(["c1", "c2", "c3"])
                batch.append(
                    happened(
                        name,
                        when,
                        chooser.choice(people),
                        accepted=minute,
                        event_id=str(number),
                        cart_id=cart,
                    )
                )
        if round_no in (60, 100, 140):
            loser = people[chooser.randrange(1, len(people))]
            winner = people[0]
            if loser.profile_no != winner.no:
                batches[0].append(merged(winner, loser, minute=minute))
                people[people.index(loser)] = loser.of(winner, loser.version + 1)
        news = [
            became(
                key,
                chooser.choice([ACCEPTED, ACCEPTED, REFUSED]),
                minute,
                chooser.choice(["capped", "blocked"]),
            )
            for key in awaiting
            if chooser.random() < 0.5
        ]
        results = await asyncio.gather(
            journey.take(*batches[0]),
            other.take(*batches[1]),
            journey.take(*batches[2], *batches[0][:1]),
            other.hear(*news),
            journey.timers.fire_due(),
            other.timers.fire_due(),
        )
        minute += chooser.choice([0, 1, 4])
        clock.advance(at(minute) - clock.now())
        seen += sum(isinstance(r, int) and r > 0 for r in results)
        issued = await journey.rows(
            "SELECT run_id::text, sequence FROM intentions JOIN runs r USING (run_id, sequence) WHERE r.state = 'active'"
        )
        awaiting = [(r, s) for r, s in issued]
        if round_no % 50 == 49:
            await assert_consistent(journey)
    await assert_consistent(journey)
    found = await journey.metrics(journey_id)
    refused = dict(found.entries_refused)
    outcomes = dict(await journey.rows("SELECT outcome, count(*) FROM transitions GROUP BY 1"))
    print(
        f"runs {found.runs_entered}, exited {dict(found.runs_exited)}, refused {refused}, outcomes {outcomes}"
    )
    assert found.runs_entered + sum(refused.values()) == added
    assert seen > 20
    floors = {"answered": 50, "timeout": 30, "done": 20, "refused": 5, "exit:refused": 5}
    assert {k: (outcomes.get(k, 0), v) for k, v in floors.items() if outcomes.get(k, 0) < v} == {}
    (overdue,) = await journey.rows("SELECT count(*) FROM timers WHERE due_at <= $1", clock.now())
    await journey.fire()
    (left,) = await journey.rows("SELECT count(*) FROM timers WHERE due_at <= $1", clock.now())
    print(f"overdue {overdue[0]}, after a last pass {left[0]}")
    assert left == (0,)
    await assert_consistent(journey)


async def test_get_run_tells_every_decision(journey: Journey) -> None:
    await journey.publish(definition())
    (entered,) = (await journey.take(happened("Added", 0))).entered
    (key,) = (await journey.fire(11)).keys
    await journey.hear(became(key, ACCEPTED, 12))
    answer = await journey.call("GetRun", pb.GetRunRequest(run_id=entered.run_id))
    assert [(t.sequence, t.node_id, t.outcome, t.to_node_id) for t in answer.transitions] == [
        (0, "idle", "timeout", "say"),
        (1, "say", "done", "end"),
        (2, "end", "exit:done", ""),
    ]
    assert (answer.run.state, answer.run.exit_reason, answer.run.HasField("wake_time")) == (
        "exited", "done", False,
    )  # fmt: skip
