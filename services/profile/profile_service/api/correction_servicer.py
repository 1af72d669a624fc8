"""Corrections by hand, as gRPC calls."""

from typing import Any

from chassis import context, logs
from chassis.bus import PARTITIONS, Source
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import BrokerUnavailable, NotFound
from chassis.ids import argument_uuid, bucket_of, new_id
from chassis.outbox import Outbox, Row
from chassis.requests import once
from waypost.profile.v1 import correction_service_pb2 as pb
from waypost.profile.v1 import correction_service_pb2_grpc

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
        source = Source("INGEST", "live", bucket_of(message_id.encode()) % PARTITIONS)

        async def work(tx: Tx) -> list[Row]:
            rows: list[Row] = []

            async def correct() -> pb.CorrectTraitsResponse:
                profile_id = await people.resolve(tx, asked)
                if profile_id is None or not await is_shown(tx, profile_id):
                    raise NotFound("no person has this id", kind="profile")
                outgoing = await self._correct_traits(
                    tx, profile_id, request.traits_json, request.etag, message_id, source
                )
                rows.extend(await self._outbox.add(tx, source.lane, source.partition, outgoing))
                # What is kept of the answer holds nothing personal.
                return pb.CorrectTraitsResponse()

            await once(tx, request, pb.CorrectTraitsResponse, correct)
            return rows

        workspace_id = context.current().workspace_id
        rows = await self._database.run(workspace_id, work, keyed=True)
        try:
            await self._outbox.publish(rows)
        except BrokerUnavailable as error:
            logs.get().warning("publish_waits", detail=error.message)
        async with self._database.transaction(workspace_id, keyed=True) as tx:
            profile_id = await people.resolve(tx, asked)
            assert profile_id is not None
            found = await load_people(tx, [profile_id], self._ciphers.of(workspace_id))
        return pb.CorrectTraitsResponse(profile=found[profile_id])
