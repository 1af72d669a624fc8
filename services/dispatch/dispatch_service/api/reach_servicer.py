"""waypost.dispatch.v1.ReachService."""

from datetime import UTC
from typing import Any

from chassis import context
from chassis.database import Database
from chassis.errors import InvalidArgument
from chassis.ids import argument_uuid
from waypost.dispatch.v1 import reach_service_pb2 as pb
from waypost.dispatch.v1 import reach_service_pb2_grpc

from dispatch_service.queries import reach

MOST_IDS = 500


class ReachServicer(reach_service_pb2_grpc.ReachServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database) -> None:
        self._database = database

    async def CountMessages(
        self, request: pb.CountMessagesRequest, _context: Any
    ) -> pb.CountMessagesResponse:
        ids = {}
        for field in ("profile_ids", "identity_ids"):
            named = getattr(request, field)
            if len(named) > MOST_IDS:
                raise InvalidArgument(f"at most {MOST_IDS} ids", field=field)
            ids[field] = [argument_uuid(i, field) for i in set(named)]
        if not request.HasField("from_time"):
            raise InvalidArgument("say from when on", field="from_time")
        async with self._database.transaction(context.current().workspace_id, keyed=True) as tx:
            found = await reach.count(tx, *ids.values(), request.from_time.ToDatetime(UTC))
        return pb.CountMessagesResponse(messages=found)
