"""What bulk loads ask: what calls would do, which identifiers cannot be any, how far behind profile is."""

from typing import Any

from chassis import context
from chassis.bus import Bus
from chassis.errors import InvalidArgument
from waypost.profile.v1 import preview_service_pb2 as pb
from waypost.profile.v1 import preview_service_pb2_grpc

from profile_service.domain.identifiers import Identifier
from profile_service.usecases.preview_calls import PreviewCalls

MOST_CALLS = 500
MOST_IDENTIFIERS = 5_000


class PreviewServicer(preview_service_pb2_grpc.PreviewServiceServicer):  # type: ignore[misc]
    def __init__(self, preview: PreviewCalls, bus: Bus) -> None:
        self._preview = preview
        self._bus = bus

    async def PreviewCalls(self, request: pb.PreviewCallsRequest, _context: Any) -> pb.PreviewCallsResponse:
        if len(request.records) > MOST_CALLS:
            raise InvalidArgument(f"at most {MOST_CALLS} calls at a time", field="records")
        found = await self._preview(context.current().workspace_id, request.records)
        return pb.PreviewCallsResponse(
            previews=[
                pb.CallPreview(
                    outcome=f"CALL_OUTCOME_{one.outcome.name}", people=one.people, reason=one.reason
                )
                for one in found
            ]
        )

    async def CheckIdentifiers(
        self, request: pb.CheckIdentifiersRequest, _context: Any
    ) -> pb.CheckIdentifiersResponse:
        if len(request.identifiers) > MOST_IDENTIFIERS:
            raise InvalidArgument(f"at most {MOST_IDENTIFIERS} at a time", field="identifiers")
        claimed = [Identifier(one.type, one.scope, one.value) for one in request.identifiers]
        refused = await self._preview.check(context.current().workspace_id, claimed)
        return pb.CheckIdentifiersResponse(
            refused=[
                pb.RefusedIdentifier(index=at, reason=one.reason, detail=one.detail) for at, one in refused
            ]
        )

    async def GetIngestBacklog(
        self, _request: pb.GetIngestBacklogRequest, _context: Any
    ) -> pb.GetIngestBacklogResponse:
        found = await self._bus.backlog("INGEST", "bulk")
        return pb.GetIngestBacklogResponse(
            waiting=found.waiting, handled_sequence=found.handled, last_sequence=found.last
        )
