"""How many messages went out: to these identities, under any id of theirs, since a moment, and none twice."""

from datetime import timedelta
from typing import Any

import pytest
from chassis import context
from chassis.context import Tenant
from chassis.errors import InvalidArgument
from chassis.ids import new_id
from dispatch_service.api.reach_servicer import MOST_IDS, ReachServicer
from waypost.dispatch.v1 import reach_service_pb2 as pb

from tests.conftest import Databases
from tests.integration.dispatch.test_timeline import START, message


async def test_messages_that_went_out_are_counted(databases: Databases, workspace_id: Any) -> None:
    database = await databases("dispatch")
    servicer = ReachServicer(database)
    context.enter(Tenant("gateway", workspace_id))
    anna, card, other = new_id(), new_id(), new_id()
    for who, identity, minute in ((anna, card, 0), (anna, card, 2), (card, card, 3), (anna, anna, 4)):
        await message(database, workspace_id, who, identity, minute)
    never = await message(database, workspace_id, anna, card, 5)
    async with database.transaction(workspace_id) as tx:
        await tx.execute("UPDATE messages SET state = 'refused' WHERE message_id = $1", never)

    async def count(since: int, *ids: Any, **fields: Any) -> int:
        request = pb.CountMessagesRequest(profile_ids=map(str, ids), identity_ids=[str(card)], **fields)
        request.from_time.FromDatetime(START + timedelta(minutes=since))
        return int((await servicer.CountMessages(request, None)).messages)

    assert await count(0, anna, card, anna) == 3
    assert await count(2, anna, card) == 2
    assert await count(0, anna) == 2
    assert await count(0, other) == 0
    with pytest.raises(InvalidArgument, match=f"at most {MOST_IDS}"):
        await count(0, *(new_id() for _ in range(MOST_IDS + 1)))
    with pytest.raises(InvalidArgument, match="from when on"):
        await servicer.CountMessages(pb.CountMessagesRequest(), None)
