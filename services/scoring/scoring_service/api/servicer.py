"""RfmService: parse → use case or query → render."""

from typing import Any
from uuid import UUID

from chassis import context
from chassis.clock import Clock, from_ms, to_ms
from chassis.database import Database, Tx
from chassis.grpc_server import Servicer
from chassis.requests import once
from waypost.scoring.v1 import rfm_service_pb2 as pb
from waypost.scoring.v1 import rfm_service_pb2_grpc as pb_grpc

from scoring_service.api.convert import model_of, moment_of, score_of, summary_of, uuid_of
from scoring_service.queries.rfm import get_score, get_summary
from scoring_service.store import rfm
from scoring_service.usecases.compute_rfm import compute_rfm


class RfmServicer(pb_grpc.RfmServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, clock: Clock, page: int) -> None:
        self._database = database
        self._clock = clock
        self._page = page

    async def ComputeRfm(self, request: Any, _context: Any) -> pb.ComputeRfmResponse:
        model = model_of(request.model)
        as_of = moment_of(request) or from_ms(to_ms(self._clock.now()))
        snapshot = await compute_rfm(self._database, _workspace(), model, as_of, self._page)

        async def work(tx: Tx) -> pb.ComputeRfmResponse:
            async def write() -> pb.ComputeRfmResponse:
                await rfm.replace(tx, model, as_of, snapshot.orders.people, snapshot.scores, snapshot.summary)
                return pb.ComputeRfmResponse(summary=summary_of(snapshot.summary))

            return await once(tx, request, pb.ComputeRfmResponse, write)

        return await self._database.run(_workspace(), work)

    async def GetRfmSummary(self, request: Any, _context: Any) -> pb.GetRfmSummaryResponse:
        model, as_of = model_of(request.model), moment_of(request)
        async with self._database.transaction(_workspace()) as tx:
            return pb.GetRfmSummaryResponse(summary=summary_of(await get_summary(tx, model.name, as_of)))

    async def GetRfmScore(self, request: Any, _context: Any) -> pb.GetRfmScoreResponse:
        model, profile_id = model_of(request.model), uuid_of(request.profile_id, "profile_id")
        async with self._database.transaction(_workspace()) as tx:
            return score_of(await get_score(tx, model.name, profile_id))


def servicer(implementation: RfmServicer) -> Servicer:
    name = pb.DESCRIPTOR.services_by_name["RfmService"].full_name
    return Servicer(name, pb_grpc.add_RfmServiceServicer_to_server, implementation)


def _workspace() -> UUID:
    return context.current().workspace_id
