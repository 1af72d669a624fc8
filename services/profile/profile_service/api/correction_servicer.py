"""Corrections by hand, as gRPC calls."""

from typing import Any

from chassis import context
from chassis.bus import Source
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import NotFound
from chassis.ids import argument_uuid, new_id
from chassis.outbox import Outbox
from waypost.profile.v1 import correction_service_pb2 as pb
from waypost.profile.v1 import correction_service_pb2_grpc

from profile_service.api.changing import Told, change_and_tell, partition_of, records_of
from profile_service.api.confinement import is_shown
from profile_service.api.loading import load_people
from profile_service.queries import people
from profile_service.usecases.correct_traits import CorrectTraits


class CorrectionServicer(correction_service_pb2_grpc.CorrectionServiceServicer):  # type: ignore[misc]
    def __init__(
        self, database: Database, outbox: Outbox, ciphers: Ciphers, correct_traits: CorrectTraits
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._ciphers = ciphers
        self._correct_traits = correct_traits

    async def CorrectTraits(
        self, request: pb.CorrectTraitsRequest, _context: Any
    ) -> pb.CorrectTraitsResponse:
        asked = argument_uuid(request.profile_id, "profile_id")
        message_id = f"correction:{request.request_id or new_id()}"
        source = Source("INGEST", "live", partition_of(request))

        async def work(tx: Tx) -> Told[pb.CorrectTraitsResponse]:
            profile_id = await people.resolve(tx, asked)
            if profile_id is None or not await is_shown(tx, profile_id):
                raise NotFound("no person has this id", kind="profile")
            outgoing = await self._correct_traits(
                tx, profile_id, request.traits_json, request.etag, message_id, source
            )
            # What is kept of the answer holds nothing personal.
            return pb.CorrectTraitsResponse(), records_of(outgoing)

        await change_and_tell(
            self._database, self._outbox, request, pb.CorrectTraitsResponse, work, keyed=True
        )
        workspace_id = context.current().workspace_id
        async with self._database.transaction(workspace_id, keyed=True) as tx:
            profile_id = await people.resolve(tx, asked)
            assert profile_id is not None
            found = await load_people(tx, [profile_id], self._ciphers.of(workspace_id))
        return pb.CorrectTraitsResponse(profile=found[profile_id])
