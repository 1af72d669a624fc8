"""What bulk loads ask: what calls would do, which identifiers cannot be any, how far behind profile is."""

from typing import Any

from chassis import context
from chassis.bus import Bus
from chassis.errors import InvalidArgument
from waypost.profile.v1 import preview_service_pb2 as pb
from waypost.profile.v1 import preview_service_pb2_grpc

from profile_service.domain.identifiers import ParsePhone, Refused, normalise
from profile_service.usecases.preview_calls import PreviewCalls

MOST_CALLS = 500
MOST_IDENTIFIERS = 5_000


class PreviewServicer(preview_service_pb2_grpc.PreviewServiceServicer):  # type: ignore[misc]
    def __init__(self, preview: PreviewCalls, bus: Bus, parse_phone: ParsePhone) -> None:
        self._preview = preview
        self._bus = bus
        self._parse_phone = parse_phone

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
        answer = pb.CheckIdentifiersResponse()
        for index, one in enumerate(request.identifiers):
            found = normalise(one.type, one.scope, one.value, self._parse_phone)
            if isinstance(found, Refused):
                answer.refused.add(index=index, reason=found.reason, detail=found.detail)
        return answer

    async def GetIngestBacklog(
        self, _request: pb.GetIngestBacklogRequest, _context: Any
    ) -> pb.GetIngestBacklogResponse:
        found = await self._bus.backlog("INGEST", "bulk")
        return pb.GetIngestBacklogResponse(
            waiting=found.waiting, handled_sequence=found.handled, last_sequence=found.last
        )
