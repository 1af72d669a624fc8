"""waypost.dispatch.v1.TimelineService."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis import context
from chassis.database import Database
from chassis.errors import InvalidArgument
from chassis.ids import argument_uuid
from chassis.paging import Pages
from waypost.dispatch.v1 import timeline_service_pb2 as pb
from waypost.dispatch.v1 import timeline_service_pb2_grpc

from dispatch_service.queries import timeline

MOST_IDS = 1_000
_BEGINNING, _END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_HIGHEST = UUID(int=2**128 - 1)


class TimelineServicer(timeline_service_pb2_grpc.TimelineServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages

    async def ListTimeline(self, request: pb.ListTimelineRequest, _context: Any) -> pb.ListTimelineResponse:
        if len(request.identity_ids) > MOST_IDS:
            raise InvalidArgument(f"at most {MOST_IDS} ids", field="identity_ids")
        identity_ids = [argument_uuid(i, "identity_ids") for i in request.identity_ids]
        size = self._pages.size(request.page_size, 50, 200)
        position = self._pages.position(request.page_token, "timeline")
        before = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else (_END, _HIGHEST)
        since = request.from_time.ToDatetime(UTC) if request.HasField("from_time") else _BEGINNING
        until = request.to_time.ToDatetime(UTC) if request.HasField("to_time") else _END
        async with self._database.transaction(context.current().workspace_id, keyed=True) as tx:
            rows = await timeline.items(tx, identity_ids, since, until, before, size + 1)
        items = [self._item(row) for row in rows[:size]]
        return pb.ListTimelineResponse(
            items=items, next_page_token=items[-1].page_token if len(rows) > size else ""
        )

    def _item(self, row: Any) -> pb.TimelineItem:
        item = pb.TimelineItem(
            message_id=str(row["message_id"]),
            channel=row["channel"],
            state=row["state"],
            reason=row["reason"],
            journey_id=row["journey_id"],
            node_id=row["node_id"],
            run_id=row["run_id"],
            page_token=self._pages.token([row["created_at"].isoformat(), str(row["message_id"])], "timeline"),
        )
        item.create_time.FromDatetime(row["created_at"])
        return item
