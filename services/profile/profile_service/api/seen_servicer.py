"""Which calls came before, as gRPC calls."""

from typing import Any

from chassis import context
from chassis.database import Database
from chassis.errors import InvalidArgument
from chassis.ids import derived_id
from waypost.profile.v1 import seen_service_pb2 as pb
from waypost.profile.v1 import seen_service_pb2_grpc

from profile_service.store import facts

MOST_MESSAGES = 100


class SeenServicer(seen_service_pb2_grpc.SeenServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListSeenMessages(
        self, request: pb.ListSeenMessagesRequest, _context: Any
    ) -> pb.ListSeenMessagesResponse:
        if len(request.message_ids) > MOST_MESSAGES:
            raise InvalidArgument(f"at most {MOST_MESSAGES} messages", field="message_ids")
        keys = {one: derived_id(one) for one in request.message_ids}
        async with self._database.transaction(context.current().workspace_id, keyed=True) as tx:
            found = await facts.seen(tx, keys.values())
        return pb.ListSeenMessagesResponse(message_ids=[one for one, key in keys.items() if key in found])
