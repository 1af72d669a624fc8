"""Messages to one person, newest first, the same at every page size, whoever they were taken for at the time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis import context
from chassis.context import Tenant
from chassis.database import Database
from chassis.ids import bucket_of, new_id
from chassis.keyring import Keyring
from chassis.paging import Pages
from dispatch_service.api.timeline_servicer import TimelineServicer
from waypost.dispatch.v1 import timeline_service_pb2 as pb

from ...conftest import Databases

START = datetime(2026, 11, 1, tzinfo=UTC)


async def message(
    database: Database, workspace_id: UUID, profile_id: UUID, identity_id: UUID, minute: int
) -> str:
    message_id = new_id()
    key = (workspace_id, bucket_of(message_id), message_id)
    async with database.transaction(workspace_id) as tx:
        await tx.execute(
            "INSERT INTO intentions (workspace_id, bucket, message_id, key, identity_id, profile_id, profile_no, "
            "identity_version, channel, content_id, purpose, variables, not_after, journey_id, node_id, run_id, "
            "run_sequence, trigger_id, historical, traceparent, created_at) VALUES ($1, $2, $3, 'k', $4, $5, 1, 1, "
            "'sms', 'c', 'marketing', '{}', $6, 'jrn', 'say', 'r', 1, 't', false, '', $6)",
            *key, identity_id, profile_id, START + timedelta(minutes=minute),
        )  # fmt: skip
        await tx.execute(
            "INSERT INTO messages (workspace_id, bucket, message_id, channel, account, state, created_at, updated_at) "
            "VALUES ($1, $2, $3, 'sms', 'sandbox', 'delivered', now(), now())", *key,
        )  # fmt: skip
    return str(message_id)


@pytest.mark.parametrize("page_size", [1, 2, 50])
async def test_messages_of_every_identity(databases: Databases, workspace_id: UUID, page_size: int) -> None:
    database = await databases("dispatch")
    servicer = TimelineServicer(database, Pages(Keyring(bytes(32))))
    context.enter(Tenant("gateway", workspace_id))
    anna, device, stranger = new_id(), new_id(), new_id()
    sent = [
        await message(database, workspace_id, who, identity, minute)
        for who, identity, minute in (
            (anna, anna, 0),
            (device, device, 1),
            (anna, device, 2),
            (anna, stranger, 2),  # while the stranger was taken for her
            (anna, anna, 2),
            (stranger, stranger, 3),
            (stranger, anna, 4),  # while she was taken for the stranger
        )
    ]
    ids = [str(anna), str(device)]

    async def listed(**fields: Any) -> list[str]:
        found, token = [], ""
        while True:
            request = pb.ListTimelineRequest(
                profile_ids=ids, identity_ids=ids, page_size=page_size, page_token=token, **fields
            )
            answer = await servicer.ListTimeline(request, None)
            found += [one.message_id for one in answer.items]
            token = answer.next_page_token
            if not token:
                return found

    assert await listed() == [sent[6], sent[4], sent[2], sent[1], sent[0]]
    until: Any = pb.TimelineItem().create_time
    until.FromDatetime(START + timedelta(minutes=2))
    assert await listed(to_time=until) == [sent[1], sent[0]]
