"""Who enters a journey, and who is refused and why."""

import asyncio
from uuid import UUID, uuid4

import msgspec
import pytest
from chassis.clock import ManualClock
from chassis.errors import InvalidArgument, NotCaughtUp, NotFound, StateConflict
from chassis.ids import new_id
from waypost.journey.v1 import journey_service_pb2 as pb

from .definitions import definition
from .harness import Journey
from .laws import assert_consistent
from .records import ANNA, BERT, CARL, Person, at, happened, merged

END = {"end": {"kind": "exit"}}


async def test_an_event_starts_one_run(journey: Journey) -> None:
    journey_id = await journey.publish(definition())
    said = await journey.take(happened("Added", 0, price=3), happened("Other", 0))
    (entered,) = said.entered
    assert entered.person.profile_id == str(ANNA.profile_id)
    assert (entered.journey_id, entered.journey_version) == (journey_id, 1)
    assert said.intentions == []
    found = (await journey.call("GetRun", pb.GetRunRequest(run_id=entered.run_id))).run
    assert (found.state, found.node_id, found.sequence) == ("active", "idle", 0)
    assert found.wake_time.ToDatetime(at(0).tzinfo) == at(10)
    assert found.trigger_id == entered.entered.trigger_id
    await assert_consistent(journey)


async def test_the_same_batch_twice_starts_nothing_new(journey: Journey) -> None:
    journey_id = await journey.publish(definition())
    batch = [happened("Added", 0), happened("Added", 1, BERT)]
    assert len((await journey.take(*batch)).entered) == 2
    again = await journey.take(*batch)
    assert (again.entered, again.exited, again.intentions) == ([], [], [])
    found = await journey.metrics(journey_id)
    assert (found.runs_entered, dict(found.entries_refused)) == (2, {})


async def test_a_record_twice_in_one_batch_is_one_event(journey: Journey) -> None:
    journey_id = await journey.publish(definition())
    assert len((await journey.take(happened("Added", 0), happened("Added", 0))).entered) == 1
    assert dict((await journey.metrics(journey_id)).entries_refused) == {}


async def test_a_trigger_starts_a_journey_once_even_if_its_event_was_forgotten(journey: Journey) -> None:
    await journey.publish(definition(END | {"idle": {"kind": "exit"}}))
    assert len((await journey.take(happened("Added", 0))).entered) == 1
    await journey.rows("DELETE FROM events")
    assert (await journey.take(happened("Added", 0))).entered == []
    await assert_consistent(journey)


async def test_the_entry_key_keeps_parallel_runs_apart(journey: Journey) -> None:
    journey_id = await journey.publish(definition())
    await journey.take(happened("Added", 0), happened("Added", 1, cart_id="c2"), happened("Added", 2))
    assert [r[1] for r in await journey.runs()] == ["c1", "c2"]
    assert dict((await journey.metrics(journey_id)).entries_refused) == {"already_active": 1}
    await journey.take(happened("Bought", 3))
    assert [r[2] for r in await journey.runs()] == ["exited", "active"]
    await assert_consistent(journey)


async def test_one_batch_says_what_its_events_would_say_one_by_one(journey: Journey) -> None:
    """In, out and in again; and an entry from before the end is one too many, however late it is looked at."""
    journey_id = await journey.publish(definition())
    said = await journey.take(
        happened("Added", 0), happened("Bought", 3), happened("Added", 2), happened("Added", 4)
    )
    assert len(said.entered) == 2
    assert [r[2] for r in await journey.runs()] == ["exited", "active"]
    assert dict((await journey.metrics(journey_id)).entries_refused) == {"already_active": 1}
    said = await journey.take(happened("Added", 6), happened("Bought", 5))
    assert (len(said.entered), said.reasons) == (1, ["done"])
    await assert_consistent(journey)


async def test_the_earliest_event_of_a_batch_enters(journey: Journey) -> None:
    await journey.publish(definition())
    (entered,) = (await journey.take(happened("Added", 5), happened("Added", 2))).entered
    found = (await journey.call("GetRun", pb.GetRunRequest(run_id=entered.run_id))).run
    assert found.wake_time.ToDatetime(at(0).tzinfo) == at(12)


async def test_history_starts_nothing_unless_it_is_asked_for(journey: Journey) -> None:
    deaf = await journey.publish(definition())
    open_to_it = await journey.publish(definition(entry={"historical": True}))
    said = await journey.take(happened("Added", -90, historical=True))
    assert [r.journey_id for r in said.entered] == [open_to_it]
    assert said.entered[0].meta.historical
    assert dict((await journey.metrics(deaf)).entries_refused) == {"historical": 1}


async def test_history_may_end_a_run(journey: Journey) -> None:
    await journey.publish(definition())
    await journey.take(happened("Added", -5))
    said = await journey.take(happened("Bought", -3, historical=True))
    assert said.reasons == ["done"]


async def test_an_event_older_than_a_month_reaches_nobody(journey: Journey) -> None:
    await journey.publish(definition(entry={"historical": True}))
    assert (await journey.take(happened("Added", -31 * 1440, historical=True))).entered == []
    assert await journey.rows("SELECT 1 FROM events") == []


async def test_a_pause_refuses_entries_and_lets_runs_go_on(journey: Journey) -> None:
    journey_id = await journey.publish(definition())
    await journey.take(happened("Added", 0))
    paused = await journey.call("PauseJourney", pb.PauseJourneyRequest(journey_id=journey_id))
    assert paused.journey.state == pb.JOURNEY_STATE_PAUSED
    assert (await journey.take(happened("Added", 1, BERT))).entered == []
    assert dict((await journey.metrics(journey_id)).entries_refused) == {"journey_paused": 1}
    assert (await journey.take(happened("Bought", 2))).reasons == ["done"]
    await journey.call("ResumeJourney", pb.ResumeJourneyRequest(journey_id=journey_id))
    assert len((await journey.take(happened("Added", 3, BERT))).entered) == 1
    await assert_consistent(journey)


async def test_an_event_from_before_the_journey_was_published_starts_nothing(journey: Journey) -> None:
    deaf = await journey.publish(definition(), minute=10)
    open_to_it = await journey.publish(definition(entry={"historical": True}), minute=10)
    said = await journey.take(happened("Added", 5), happened("Added", 11, BERT))
    assert sorted(r.journey_id for r in said.entered) == sorted([open_to_it, open_to_it, deaf])
    assert dict((await journey.metrics(deaf)).entries_refused) == {"before_publishing": 1}


async def test_what_no_journey_asks_about_is_not_stored(journey: Journey) -> None:
    await journey.publish(definition())
    await journey.take(happened("Other", 0), happened("Added", 1))
    assert await journey.rows("SELECT name FROM events") == [("Added",)]


async def test_runs_stay_with_the_version_they_entered(journey: Journey) -> None:
    """And an event that comes late enters the version that was in force when it happened."""
    journey_id = await journey.publish(definition())
    await journey.take(happened("Added", 0))
    await journey.publish_again(journey_id, minute=1)
    await journey.take(happened("Added", 0.5, CARL), happened("Added", 1, BERT))
    assert await journey.rows("SELECT version FROM runs ORDER BY version") == [(1,), (1,), (2,)]
    assert (await journey.take(happened("Bought", 2), happened("Bought", 2, BERT))).reasons == ["done"] * 2


async def test_once_and_the_cooldown_outlive_the_run_and_a_merge(journey: Journey) -> None:
    once = await journey.publish(definition(policies={"reentry": {"mode": "once"}}))
    cool = await journey.publish(definition(policies={"reentry": {"cooldown": "1h"}}))
    await journey.take(happened("Added", 0), happened("Added", 0, BERT))
    journey.clock.advance(at(2) - journey.clock.now())
    await journey.take(happened("Bought", 2), happened("Bought", 2, BERT))
    assert (await journey.take(happened("Added", 61))).entered == []
    assert dict((await journey.metrics(once)).entries_refused) == {"entered_before": 1}
    assert dict((await journey.metrics(cool)).entries_refused) == {"cooling_down": 1}
    assert [r.journey_id for r in (await journey.take(happened("Added", 62))).entered] == [cool]
    # Bert turns out to be somebody with a lower number, to whom his finished runs now belong.
    low = Person(0)
    await journey.take(happened("Other", 63, low), merged(low, BERT))
    said = await journey.take(happened("Added", 63, low, event_id="again"))
    assert [r.journey_id for r in said.entered] == [cool]
    assert (await journey.metrics(once)).entries_refused["entered_before"] == 3
    await assert_consistent(journey)


async def test_an_audience_is_not_asked_about_before_segment_has_heard_of_the_event(journey: Journey) -> None:
    rule = {"trait": "city", "op": "eq", "value": "上海"}
    await journey.publish(definition(entry={"audience": rule}))
    journey.segment.behind = 3
    assert len((await journey.take(happened("Added", 0))).entered) == 1
    assert len(journey.segment.asked) == 4
    assert [e.identity_id for e in journey.segment.asked[0].heard_events] == [str(ANNA.identity_id)]
    journey.segment.behind = 10**6
    with pytest.raises(NotCaughtUp):
        await journey.take(happened("Added", 1, BERT))
    # An event that segment still does not know after half a minute never gets there.
    journey.segment.behind = 0
    await journey.take(happened("Added", -1, BERT, accepted=-1))
    assert list(journey.segment.asked[-1].heard_events) == []


async def test_an_audience_lets_in_whom_its_rule_holds_for(journey: Journey) -> None:
    rule = {"trait": "city", "op": "eq", "value": "上海"}
    journey_id = await journey.publish(definition(entry={"audience": rule}))
    second = await journey.publish(definition(entry={"audience": rule}))
    journey.segment.outside = {BERT.profile_id}
    said = await journey.take(
        happened("Added", 0),
        happened("Added", 0, BERT),
        happened("Added", 1, BERT, cart_id="c2"),
        happened("Other", 1, CARL),
    )
    assert {r.person.profile_id for r in said.entered} == {str(ANNA.profile_id)}
    assert dict((await journey.metrics(journey_id)).entries_refused) == {"not_in_audience": 2}
    assert dict((await journey.metrics(second)).entries_refused) == {"not_in_audience": 2}
    (asked,) = journey.segment.asked
    assert set(asked.profile_ids) == {str(ANNA.profile_id), str(BERT.profile_id)}
    assert len(asked.profile_ids) == 2, "a person is asked about once"


async def test_a_journey_that_opens_while_segment_is_asked_admits_nobody_unasked(journey: Journey) -> None:
    rule = {"trait": "city", "op": "eq", "value": "上海"}
    journey.segment.outside = {ANNA.profile_id}
    asking = journey.segment.call

    async def publish_meanwhile(*args: object) -> object:
        journey.segment.call = asking  # type: ignore[method-assign]
        await journey.publish(definition(entry={"audience": rule}))
        return await asking(*args)

    journey.segment.call = publish_meanwhile  # type: ignore[method-assign]
    first = await journey.publish(definition(entry={"audience": rule}))
    with pytest.raises(StateConflict):
        await journey.take(happened("Added", 0))
    assert (await journey.take(happened("Added", 0))).entered == []
    assert dict((await journey.metrics(first)).entries_refused) == {"not_in_audience": 1}


async def test_a_record_that_cannot_be_read_fails_in_the_transaction_that_can_bury_it(
    journey: Journey,
) -> None:
    await journey.publish(definition(entry={"audience": {"everyone": True}}))
    broken = happened("Added", 0).replace(b'"cart_id"', b'"cart_id!')
    with pytest.raises(msgspec.DecodeError):
        await journey.take(broken)
    batch_of_both = [broken, happened("Added", 1, BERT)]
    assert journey.segment.asked == []
    with pytest.raises(msgspec.DecodeError):
        await journey.take(*batch_of_both)
    assert len(journey.segment.asked) == 1


async def test_a_version_is_published_between_batches(journey: Journey, clock: ManualClock) -> None:
    """A batch stores what no journey it knows asks about without holding its people; so none may be half-way when
    a new version, which could ask, comes in force."""
    journey_id = await journey.publish(definition())
    await journey.take(happened("Other", 0))
    other = Journey(journey.database, journey.workspace_id, clock)
    async with journey.database.transaction(journey.workspace_id) as holding:
        await holding.execute("SELECT 1 FROM people FOR UPDATE")
        batch = asyncio.create_task(journey.take(happened("Bought", 2)))
        await asyncio.sleep(0.1)
        call = other.call("PublishJourney", pb.PublishJourneyRequest(journey_id=journey_id))
        publishing = asyncio.create_task(call)
        await asyncio.sleep(0.1)
        assert not batch.done()
        assert not publishing.done()
    await batch
    assert (await publishing).journey.version == 2


async def test_answers_of_calls_are_kept_by_request(journey: Journey) -> None:
    request = pb.CreateJourneyRequest(definition_json=msgspec.json.encode(definition()), request_id="r1")
    first = await journey.call("CreateJourney", request)
    assert await journey.call("CreateJourney", request) == first
    listed = await journey.call("ListJourneys", pb.ListJourneysRequest())
    assert [j.journey_id for j in listed.journeys] == [first.journey.journey_id]
    publish = pb.PublishJourneyRequest(journey_id=first.journey.journey_id, request_id="r2")
    assert (await journey.call("PublishJourney", publish)).journey.version == 1
    assert (await journey.call("PublishJourney", publish)).journey.version == 1


async def test_calls_refuse_what_they_cannot_do(journey: Journey) -> None:
    draft = (
        await journey.call(
            "CreateJourney", pb.CreateJourneyRequest(definition_json=msgspec.json.encode(definition()))
        )
    ).journey
    with pytest.raises(StateConflict):
        await journey.call("PauseJourney", pb.PauseJourneyRequest(journey_id=draft.journey_id))
    with pytest.raises(NotFound):
        await journey.call("PublishJourney", pb.PublishJourneyRequest(journey_id="jrn_none"))
    with pytest.raises(InvalidArgument) as refused:
        await journey.call(
            "CreateJourney",
            pb.CreateJourneyRequest(definition_json=msgspec.json.encode(definition(start="nowhere"))),
        )
    assert (refused.value.reason, refused.value.metadata["pointer"]) == ("DEFINITION_INVALID", "/start")
    for raw in (b"\xff", b"[" * 100_000, b'{"name": "a\\u0000"}'):
        with pytest.raises(InvalidArgument):
            await journey.call("CreateJourney", pb.CreateJourneyRequest(definition_json=raw))
    with pytest.raises(NotFound):
        await journey.call("GetRun", pb.GetRunRequest(run_id=str(uuid4())))


async def test_runs_are_listed_newest_first_and_by_any_id_of_a_person(journey: Journey) -> None:
    await journey.publish(definition())
    for n in range(7):
        await journey.take(happened("Added", n, cart_id=f"c{n}"))
    pages: list[str] = []
    token = ""
    while True:
        request = pb.ListRunsRequest(profile_id=str(ANNA.profile_id), page_size=3, page_token=token)
        answer = await journey.call("ListRuns", request)
        pages += [r.run_id for r in answer.runs]
        token = answer.next_page_token
        if not token:
            break
    by_time = await journey.rows("SELECT run_id::text FROM runs ORDER BY opened_at DESC")
    assert pages == [r for (r,) in by_time]
    low = Person(0)
    await journey.take(happened("Other", 9, low), merged(low, ANNA))
    for person in (ANNA, low):
        request = pb.ListRunsRequest(profile_id=str(person.profile_id))
        assert len((await journey.call("ListRuns", request)).runs) == 7


async def test_another_workspace_sees_none_of_it(journey: Journey, clock: ManualClock) -> None:
    journey_id = await journey.publish(definition())
    said = await journey.take(happened("Added", 0))
    fired = await journey.fire(11)
    other = Journey(journey.database, new_id(), clock)
    for table in ("journeys", "journey_versions", "events", "runs", "active_runs", "transitions", "intentions",
                  "entry_refusals", "people"):  # fmt: skip
        assert await other.rows(f"SELECT 1 FROM {table}") == [], table
    role = await other.rows("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    assert role == [(False, False)]
    assert await other.check(*fired.keys) == ["run_unknown"]
    assert (await other.call("ListRuns", pb.ListRunsRequest())).runs == []
    for request, method in (
        (pb.GetJourneyRequest(journey_id=journey_id), "GetJourney"),
        (pb.GetRunRequest(run_id=said.entered[0].run_id), "GetRun"),
        (pb.PauseJourneyRequest(journey_id=journey_id), "PauseJourney"),
    ):
        with pytest.raises(NotFound):
            await other.call(method, request)
    # The same person and event there are other ones, and start nothing where nothing is published.
    assert (await other.take(happened("Added", 0))).entered == []
    with pytest.raises(Exception, match="row-level security"):
        await other.rows(
            "INSERT INTO entry_refusals VALUES ($1, 'jrn_1', 'x', 1)", UUID(str(journey.workspace_id))
        )
