"""gRPC → use cases and queries → gRPC."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import people
from chassis import context
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid
from chassis.paging import Pages
from chassis.requests import Response, once
from waypost.journey.v1 import journey_service_pb2 as pb
from waypost.journey.v1 import journey_service_pb2_grpc

from journey_service.api import convert
from journey_service.domain.nodes import kinds
from journey_service.queries import reports
from journey_service.queries.check_runs import check_runs
from journey_service.store import definitions as store
from journey_service.store import runs as run_store
from journey_service.store.definitions import Definitions
from journey_service.usecases import edit_journeys

MOST_CHECKS = 500


class JourneyServicer(journey_service_pb2_grpc.JourneyServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, definitions: Definitions, pages: Pages, clock: Clock) -> None:
        self._database = database
        self._definitions = definitions
        self._pages = pages
        self._clock = clock

    async def CreateJourney(
        self, request: pb.CreateJourneyRequest, _context: Any
    ) -> pb.CreateJourneyResponse:
        return await self._change(
            request,
            pb.CreateJourneyResponse,
            lambda tx: edit_journeys.create(tx, request.definition_json, self._clock.now()),
        )

    async def ValidateJourney(
        self, request: pb.ValidateJourneyRequest, _context: Any
    ) -> pb.ValidateJourneyResponse:
        _, problems = edit_journeys.check_definition(request.definition_json)
        return pb.ValidateJourneyResponse(
            problems=[
                pb.DefinitionProblem(pointer=p.pointer, reason=p.reason, detail=p.detail) for p in problems
            ]
        )

    async def GetJourney(self, request: pb.GetJourneyRequest, _context: Any) -> pb.GetJourneyResponse:
        async with self._transaction() as tx:
            row = await store.get(tx, request.journey_id)
        if row is None:
            raise NotFound("no journey has this id", kind="journey", id=request.journey_id)
        return pb.GetJourneyResponse(journey=convert.journey(row))

    async def ListJourneys(self, request: pb.ListJourneysRequest, _context: Any) -> pb.ListJourneysResponse:
        size = self._pages.size(request.page_size, 50, 200)
        before = self._pages.position(request.page_token, "journeys")
        async with self._transaction() as tx:
            rows = await store.page(tx, before, size)
        token = self._pages.token(rows[-1]["journey_id"], "journeys") if len(rows) == size else ""
        return pb.ListJourneysResponse(journeys=[convert.journey(r) for r in rows], next_page_token=token)

    async def PublishJourney(
        self, request: pb.PublishJourneyRequest, _context: Any
    ) -> pb.PublishJourneyResponse:
        return await self._change(
            request,
            pb.PublishJourneyResponse,
            lambda tx: edit_journeys.publish(tx, request.journey_id, self._clock),
        )

    async def PauseJourney(self, request: pb.PauseJourneyRequest, _context: Any) -> pb.PauseJourneyResponse:
        return await self._set_state(request, pb.PauseJourneyResponse, "paused")

    async def ResumeJourney(
        self, request: pb.ResumeJourneyRequest, _context: Any
    ) -> pb.ResumeJourneyResponse:
        return await self._set_state(request, pb.ResumeJourneyResponse, "active")

    async def GetJourneyMetrics(
        self, request: pb.GetJourneyMetricsRequest, _context: Any
    ) -> pb.GetJourneyMetricsResponse:
        async with self._transaction() as tx:
            # One snapshot, so that the counts of different tables belong together.
            await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            row = await store.get(tx, request.journey_id)
            if row is None:
                raise NotFound("no journey has this id", kind="journey", id=request.journey_id)
            counts = await reports.node_counts(tx, request.journey_id)
            published = await self._definitions.load(tx)
            starts = {v: d.start for (j, v), d in published.definitions.items() if j == request.journey_id}
            arrivals = await reports.arrivals(tx, request.journey_id, starts)
            by_state = await reports.run_counts(tx, request.journey_id)
            refused = await reports.refused(tx, request.journey_id)
            intentions = await reports.intentions(tx, request.journey_id)
        return convert.metrics(row["draft"], arrivals, counts, by_state, refused, intentions)

    async def ListRuns(self, request: pb.ListRunsRequest, _context: Any) -> pb.ListRunsResponse:
        size = self._pages.size(request.page_size, 50, 200)
        bound = ("runs", request.journey_id, request.profile_id)
        before = self._pages.position(request.page_token, *bound)
        profile_id = argument_uuid(request.profile_id, "profile_id") if request.profile_id else None
        async with self._transaction() as tx:
            last = UUID(before) if before else None
            if profile_id:
                # Somebody merged since is asked for by an id that was once given out.
                known = await people.resolve(tx, [profile_id])
                profile_id = known[profile_id].profile_id if profile_id in known else profile_id
            rows = await reports.runs(tx, request.journey_id or None, profile_id, last, size)
        token = self._pages.token(str(rows[-1]["run_id"]), *bound) if len(rows) == size else ""
        return pb.ListRunsResponse(
            runs=[convert.run(run_store.read_run(r)) for r in rows], next_page_token=token
        )

    async def GetRun(self, request: pb.GetRunRequest, _context: Any) -> pb.GetRunResponse:
        run_id = argument_uuid(request.run_id, "run_id")
        async with self._transaction() as tx:
            found = await run_store.load(tx, [run_id])
            if run_id not in found:
                raise NotFound("no run has this id", kind="run", id=request.run_id)
            steps = await reports.transitions(tx, run_id)
        return pb.GetRunResponse(
            run=convert.run(found[run_id]), transitions=[convert.transition(s) for s in steps]
        )

    async def CheckRuns(self, request: pb.CheckRunsRequest, _context: Any) -> pb.CheckRunsResponse:
        if len(request.runs) > MOST_CHECKS:
            raise InvalidArgument(f"at most {MOST_CHECKS} runs a call", field="runs")
        asked = [(argument_uuid(r.run_id, "run_id"), r.sequence) for r in request.runs]
        async with self._transaction(keyed=True) as tx:
            verdicts = await check_runs(tx, asked, self._definitions)
        return pb.CheckRunsResponse(verdicts=[pb.RunVerdict(allowed=not no, reason=no) for no in verdicts])

    async def ListNodeKinds(
        self, _request: pb.ListNodeKindsRequest, _context: Any
    ) -> pb.ListNodeKindsResponse:
        return pb.ListNodeKindsResponse(
            kinds=[
                pb.NodeKind(
                    kind=kind.name,
                    config_schema_json=msgspec.json.encode(kind.schema),
                    label_en=kind.label["en"],
                    label_zh=kind.label["zh"],
                    description_en=kind.description["en"],
                    description_zh=kind.description["zh"],
                )
                for kind in kinds().values()
            ]
        )

    async def _set_state(self, request: Any, response: type[Response], state: str) -> Response:
        return await self._change(
            request,
            response,
            lambda tx: edit_journeys.change_state(tx, request.journey_id, state, self._clock.now()),
        )

    async def _change(
        self, request: Any, response: type[Response], work: Callable[[Tx], Awaitable[Any]]
    ) -> Response:
        async def run(tx: Tx) -> Response:
            async def answer() -> Response:
                return response(journey=convert.journey(await work(tx)))

            return await once(tx, request, response, answer)

        return await self._database.run(context.current().workspace_id, run)

    def _transaction(self, *, keyed: bool = False) -> Any:
        return self._database.transaction(context.current().workspace_id, keyed=keyed)
