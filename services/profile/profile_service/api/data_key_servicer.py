"""Data keys, as gRPC calls."""

from datetime import UTC
from typing import Any

from chassis import context
from chassis.clock import Clock
from chassis.crypto import KeyProvider
from chassis.data_keys import DataKey, DataKeys
from chassis.database import Database, Tx
from chassis.requests import once
from waypost.profile.v1 import data_key_service_pb2 as pb
from waypost.profile.v1 import data_key_service_pb2_grpc

from profile_service.store import data_keys as table
from profile_service.store import reseals
from profile_service.usecases.make_data_key import make_data_key
from profile_service.usecases.reseal import STEPS


class DataKeyServicer(data_key_service_pb2_grpc.DataKeyServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, data_keys: DataKeys, provider: KeyProvider, clock: Clock) -> None:
        self._database = database
        self._data_keys = data_keys
        self._provider = provider
        self._clock = clock

    async def RotateDataKey(
        self, request: pb.RotateDataKeyRequest, _context: Any
    ) -> pb.RotateDataKeyResponse:
        workspace_id = context.current().workspace_id

        async def work(tx: Tx) -> pb.RotateDataKeyResponse:
            async def make() -> pb.RotateDataKeyResponse:
                key = await make_data_key(tx, self._provider, self._clock)
                return pb.RotateDataKeyResponse(data_key=self._rendered(key))

            return await once(tx, request, pb.RotateDataKeyResponse, make)

        answer = await self._database.run(workspace_id, work)
        self._data_keys.wanted.set()
        return answer

    async def ListDataKeys(self, _request: pb.ListDataKeysRequest, _context: Any) -> pb.ListDataKeysResponse:
        workspace_id = context.current().workspace_id
        async with self._database.transaction(workspace_id) as tx:
            keys = await table.of_workspace(tx)
            known = await reseals.told(tx)
        answer = pb.ListDataKeysResponse(data_keys=map(self._rendered, keys))
        if known is not None:
            answer.reseal_key_id = str(known["key_id"])
            answer.resealed_share = known["step"] / STEPS
            answer.resealed_rows = known["resealed"]
            answer.damaged_rows = known["damaged"]
        return answer

    async def FetchDataKeys(
        self, request: pb.FetchDataKeysRequest, _context: Any
    ) -> pb.FetchDataKeysResponse:
        since = request.since_time.ToDatetime(UTC) if request.HasField("since_time") else None
        answer = pb.FetchDataKeysResponse()
        for key in await table.made_since(self._database, since):
            one = answer.data_keys.add(
                workspace_id=str(key.workspace_id), key_id=str(key.key_id), wrapped=key.wrapped
            )
            one.create_time.FromDatetime(key.created_at)
        return answer

    def _rendered(self, key: DataKey) -> pb.DataKey:
        found = pb.DataKey(key_id=str(key.key_id), master_key_id=self._provider.wrapped_by(key.wrapped))
        found.create_time.FromDatetime(key.created_at)
        found.seal_time.FromDatetime(key.seals_from)
        return found
