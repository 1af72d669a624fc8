"""A run that a merge froze goes on after the split: where it was, with what it missed, once."""

from datetime import timedelta
from typing import Any

import pytest

from .definitions import definition, send, wait_for
from .harness import Journey
from .laws import assert_consistent
from .records import ACCEPTED, ANNA, BERT, CARL, REFUSED, Person, became, happened, merged, split

EXIT = {"kind": "exit"}
BERT_MERGED = BERT.of(ANNA)
BERT_ALONE = BERT.of(BERT, 3)
MESSAGE_FIRST = {"say": send("idle"), "idle": wait_for("Bought", "10m", "end", "end"), "end": EXIT}


async def frozen_run(journey: Journey, **more: Any) -> tuple[str, int]:
    """Anna's run goes on, Bert's, entered in minute 1, is frozen. What Bert's asked for if it began with a message."""
    await journey.publish(definition(**more))
    await journey.take(happened("Added", 0))
    journey.clock.advance(timedelta(minutes=1))
    keys = (await journey.take(happened("Added", 1, BERT))).keys
    assert (await journey.take(merged(ANNA, BERT))).reasons == ["merged"]
    return keys[0] if keys else ("", 0)


async def states(journey: Journey) -> list[tuple[Any, ...]]:
    return [(run[0], *run[2:]) for run in sorted(await journey.runs())]


async def test_a_wait_goes_on_and_ends_when_it_would_have(journey: Journey) -> None:
    await frozen_run(journey)
    await journey.fire(3)
    said = await journey.take(split(BERT_MERGED, BERT_MERGED))
    assert [(r.person.profile_id, r.resumed.node_id) for r in said.resumed] == [
        (str(BERT.profile_id), "idle")
    ]
    await assert_consistent(journey)
    assert [i.person.profile_id for i in (await journey.fire(6.5)).intentions] == [str(ANNA.profile_id)]
    assert [i.person.profile_id for i in (await journey.fire(0.6)).intentions] == [str(BERT.profile_id)]
    await assert_consistent(journey)


async def test_whoever_leaves_the_frozen_run_is_the_one_who_goes(journey: Journey) -> None:
    """The run that goes on is taken away, and not the frozen one."""
    await journey.publish(definition())
    await journey.take(happened("Added", 0, BERT))
    journey.clock.advance(timedelta(minutes=1))
    await journey.take(happened("Added", 1))
    await journey.take(merged(ANNA, BERT))
    await journey.take(split(BERT_MERGED, BERT_MERGED))
    assert [s[:2] for s in await states(journey)] == sorted(
        [(ANNA.profile_id, "active"), (BERT.profile_id, "active")]
    )
    await assert_consistent(journey)


@pytest.mark.parametrize(
    ("event", "expected"), [("Bought", ("exited", "end", "done")), ("Other", ("active", "say", ""))]
)
async def test_what_happened_in_between_counts(
    journey: Journey, event: str, expected: tuple[str, ...]
) -> None:
    await frozen_run(journey)
    await journey.take(happened(event, 3, BERT_MERGED))
    await journey.fire(60)
    said = await journey.take(split(BERT_MERGED, BERT_MERGED))
    assert len(said.intentions) == (event == "Other")
    assert {s[0]: s[1:] for s in await states(journey)}[BERT.profile_id] == expected
    await assert_consistent(journey)


@pytest.mark.parametrize(
    ("tolerance", "hours", "late"),
    [("", 23.9, False), ("", 24.5, True), ("1h", 0.9, False), ("1h", 1.5, True)],
)
async def test_too_late_is_the_end(journey: Journey, tolerance: str, hours: float, late: bool) -> None:
    await frozen_run(journey, **({"policies": {"tolerance": tolerance}} if tolerance else {}))
    await journey.fire(60 * hours)
    said = await journey.take(split(BERT_MERGED, BERT_MERGED))
    assert (said.reasons, len(said.resumed), len(said.intentions)) == (
        (["split_late"], 1, 0) if late else ([], 1, 1)
    )
    await assert_consistent(journey)


async def test_what_was_sent_while_they_were_one_is_not_sent_again(journey: Journey) -> None:
    key = await frozen_run(journey, nodes=MESSAGE_FIRST, start="say")
    await journey.hear(became(key, ACCEPTED, 2))
    journey.clock.advance(timedelta(minutes=4))
    said = await journey.take(split(BERT_MERGED, BERT_MERGED))
    assert (said.intentions, said.exited) == ([], [])
    assert {s[0]: s[1:3] for s in await states(journey)}[BERT.profile_id] == ("active", "idle")
    # The wait after it opened when it was sent, in minute 2.
    assert (await journey.fire(6.9)).exited == []
    assert (await journey.fire(0.2)).reasons == ["done"]
    await assert_consistent(journey)


@pytest.mark.parametrize("heard_late", [False, True])
async def test_what_was_held_back_meanwhile_is_asked_for_again(journey: Journey, heard_late: bool) -> None:
    key = await frozen_run(journey, nodes=MESSAGE_FIRST, start="say")
    assert await journey.check(key) == ["run_frozen"]
    refusal, parting = became(key, REFUSED, 2, "run_frozen"), split(BERT_MERGED, BERT_MERGED)
    if heard_late:
        assert (await journey.take(parting)).intentions == []
        said = await journey.hear(refusal)
    else:
        await journey.hear(refusal)
        said = await journey.take(parting)
    assert said.keys == [(key[0], key[1] + 1)]
    assert await journey.check(*said.keys, key) == ["", "run_moved_on"]
    await assert_consistent(journey)
    await journey.hear(became(said.keys[0], ACCEPTED, 3), refusal)
    assert {s[0]: s[2] for s in await states(journey)}[BERT.profile_id] == "idle"
    await assert_consistent(journey)


async def test_what_is_asked_for_again_is_still_superseded(journey: Journey) -> None:
    """An event accepted before the time-out that led to the message is heard of after the split."""
    await frozen_run(journey)
    parting = split(BERT_MERGED, BERT_MERGED)
    await journey.take(parting)
    (_, key) = sorted((await journey.fire(15)).keys)
    bert = BERT.of(ANNA, 4)
    await journey.take(merged(ANNA, BERT_ALONE))
    await journey.hear(became(key, REFUSED, 16, "run_frozen"))
    again = (await journey.take(split(bert, bert))).keys
    assert await journey.check(*again) == [""]
    await journey.take(happened("Bought", 2, Person(2, 2, 5), accepted=3))
    assert await journey.check(*again) == ["superseded"]


async def test_a_message_still_on_its_way_is_waited_for(journey: Journey) -> None:
    key = await frozen_run(journey, nodes=MESSAGE_FIRST, start="say")
    assert (await journey.take(split(BERT_MERGED, BERT_MERGED))).intentions == []
    assert await journey.check(key) == [""]
    await journey.hear(became(key, ACCEPTED, 3))
    assert {s[0]: s[2] for s in await states(journey)}[BERT.profile_id] == "idle"
    await assert_consistent(journey)


async def test_a_split_of_somebody_else_and_one_heard_twice_free_nobody(journey: Journey) -> None:
    await frozen_run(journey)
    await journey.take(happened("Other", 2, CARL), merged(ANNA, CARL))
    away = split(CARL.of(ANNA), CARL.of(ANNA))
    assert (await journey.take(away)).resumed == []
    parting = split(BERT_MERGED, BERT_MERGED)
    # Nor is anybody free whose other run is over, as long as it is theirs.
    assert (await journey.take(happened("Bought", 3))).reasons == ["done"]
    again = split(CARL.of(ANNA, 4), CARL.of(ANNA, 4))
    assert (await journey.take(merged(ANNA, Person(3, 3, 3)), again)).resumed == []
    assert len((await journey.take(parting)).resumed) == 1
    assert (await journey.take(parting)).resumed == []
    assert (await journey.take(away, parting)).resumed == []
    await assert_consistent(journey)


async def test_an_event_that_tells_of_the_new_person_first_is_no_harm(journey: Journey) -> None:
    await frozen_run(journey)
    assert (await journey.take(happened("Other", 2, BERT_ALONE))).resumed == []
    assert len((await journey.take(split(BERT_MERGED, BERT_MERGED))).resumed) == 1
    await assert_consistent(journey)


async def test_two_that_leave_together_are_still_not_parallel(journey: Journey) -> None:
    await frozen_run(journey)
    journey.clock.advance(timedelta(minutes=1))
    carl = CARL.of(CARL)
    await journey.take(happened("Added", 2, CARL))
    assert (await journey.take(merged(ANNA, CARL))).reasons == ["merged"]
    said = await journey.take(split(BERT_MERGED, BERT_MERGED, carl.of(ANNA)))
    assert [r.person.identity_id for r in said.resumed] == [str(BERT.identity_id)]
    await assert_consistent(journey)
    said = await journey.take(split(Person(3, 2, 3), Person(3, 2, 3)))
    assert [r.person.identity_id for r in said.resumed] == [str(CARL.identity_id)]
    await assert_consistent(journey)


async def test_the_place_of_one_who_entered_again_stays_taken(journey: Journey) -> None:
    """While they were one, the run that went on ended, and Bert's next cart began another."""
    await frozen_run(journey)
    assert (await journey.take(happened("Bought", 3))).reasons == ["done"]
    assert len((await journey.take(happened("Added", 4, BERT_MERGED))).entered) == 1
    assert (await journey.take(split(BERT_MERGED, BERT_MERGED))).resumed == []
    assert sorted(s[1] for s in await states(journey)) == ["active", "exited", "frozen"]
    await assert_consistent(journey)


async def test_merged_and_split_again_and_again(journey: Journey) -> None:
    await frozen_run(journey)
    bert = BERT_MERGED
    for _ in range(3):
        assert len((await journey.take(split(bert, bert))).resumed) == 1
        bert = bert.of(BERT, bert.version + 1)
        await assert_consistent(journey)
        journey.clock.advance(timedelta(seconds=1))
        assert (await journey.take(merged(ANNA, bert))).reasons == ["merged"]
        bert = bert.of(ANNA, bert.version + 1)
        journey.clock.advance(timedelta(seconds=1))
        await assert_consistent(journey)
