"""A person's steps, newest first, the same at every page size, those begun under an id that was merged included."""

from typing import Any

import pytest
from chassis import context
from chassis.context import Tenant
from chassis.errors import InvalidArgument
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.paging import Pages
from journey_service.api.timeline_servicer import TimelineServicer
from waypost.journey.v1 import timeline_service_pb2 as pb

from .definitions import definition
from .harness import Journey
from .records import ANNA, BERT, CARL, at, happened, merged


@pytest.mark.parametrize("page_size", [1, 3, 50])
async def test_steps_of_all_of_a_persons_runs(journey: Journey, page_size: int) -> None:
    await journey.publish(definition())
    await journey.take(
        happened("Added", 0, cart_id="a"), happened("Added", 1, BERT, cart_id="b"), happened("Added", 1, CARL)
    )
    await journey.fire(11)
    await journey.take(merged(ANNA, BERT, minute=12), happened("Added", 12, BERT.of(ANNA), cart_id="c"))
    await journey.take(happened("Bought", 13, cart_id="c"))
    servicer = TimelineServicer(journey.database, Pages(Keyring(bytes(32))))
    context.enter(Tenant("gateway", journey.workspace_id))
    ids = [str(one.profile_id) for one in (ANNA, BERT)]

    async def listed(**fields: Any) -> list[pb.TimelineItem]:
        found: list[pb.TimelineItem] = []
        token = ""
        while True:
            request = pb.ListTimelineRequest(
                profile_ids=ids, identity_ids=ids, page_size=page_size, page_token=token, **fields
            )
            answer = await servicer.ListTimeline(request, None)
            assert len(answer.items) <= page_size
            found += answer.items
            token = answer.next_page_token
            if not token:
                return found

    items = await listed()
    times = [one.create_time.ToNanoseconds() for one in items]
    assert times == sorted(times, reverse=True)
    runs = await journey.rows("SELECT run_id FROM runs WHERE identity_id <> $1", CARL.identity_id)
    steps = await journey.rows("SELECT run_id, sequence FROM transitions")
    expected = {(str(run), sequence) for run, sequence in steps if (run,) in runs}
    expected |= {(str(run), -1) for (run,) in runs}
    assert len(items) == len(expected) > 5
    assert {(one.run_id, one.sequence) for one in items} == expected
    assert {one.journey_name for one in items} == {"cart"}
    since: Any = pb.TimelineItem().create_time
    since.FromDatetime(at(12))
    later = await listed(from_time=since)
    assert [(i.run_id, i.sequence) for i in later] == [
        (i.run_id, i.sequence) for i in items if i.create_time.ToNanoseconds() >= since.ToNanoseconds()
    ]
    with pytest.raises(InvalidArgument):
        await servicer.ListTimeline(pb.ListTimelineRequest(profile_ids=[str(new_id())] * 1001), None)
