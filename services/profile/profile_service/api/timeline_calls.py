"""Profile's part of a person's timeline, as a gRPC call."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from chassis import context
from chassis.database import Database
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid
from chassis.paging import Pages
from waypost.profile.v1 import search_service_pb2 as pb

from profile_service.api.confinement import is_shown
from profile_service.queries import people, timelines

MOST_IDENTITIES = 1_000
_BEGINNING, _END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_PLACE = "timeline"


class TimelineCalls:
    _database: Database
    _pages: Pages

    async def ListTimeline(self, request: pb.ListTimelineRequest, _context: Any) -> pb.ListTimelineResponse:
        asked = argument_uuid(request.profile_id, "profile_id")
        if unknown := set(request.kinds) - {*timelines.KINDS}:
            raise InvalidArgument(f"there is no kind {min(unknown)}", field="kinds")
        size = self._pages.size(request.page_size, 50, 200)
        position = self._pages.position(request.page_token, _PLACE, request.profile_id)
        before = (datetime.fromisoformat(position[0]), str(position[1])) if position else None
        since = request.from_time.ToDatetime(UTC) if request.HasField("from_time") else _BEGINNING
        until = request.to_time.ToDatetime(UTC) if request.HasField("to_time") else _END
        async with self._database.transaction(context.current().workspace_id, keyed=True) as tx:
            profile_id = await people.resolve(tx, asked)
            if profile_id is None or not await is_shown(tx, profile_id):
                raise NotFound("no person has this id", kind="profile")
            identities = [str(i) for i in await timelines.identities(tx, profile_id, MOST_IDENTITIES)]
            kinds = request.kinds or timelines.KINDS
            rows = await timelines.items(tx, profile_id, kinds, since, until, before, size + 1)
        items = [self._item(row, request.profile_id) for row in rows[:size]]
        return pb.ListTimelineResponse(
            items=items,
            next_page_token=items[-1].page_token if len(rows) > size else "",
            profile_ids=identities,
            identity_ids=identities,
        )

    def _item(self, row: Any, asked: str) -> pb.TimelineItem:
        details = dict(row["details"])
        if row["properties"] is not None:
            details["properties"] = msgspec.Raw(row["properties"].encode())
        item = pb.TimelineItem(
            kind=row["kind"],
            item_id=row["item_id"],
            name=row["name"],
            details_json=msgspec.json.encode(details),
            page_token=self._pages.token([row["at"].isoformat(), row["key"]], _PLACE, asked),
        )
        item.event_time.FromDatetime(row["at"])
        return item
