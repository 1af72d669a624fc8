"""The gateway seals with the data keys that it has heard of from profile, profile away or not."""

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import nats
from chassis import context
from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.crypto import FileKeyProvider
from chassis.data_keys import DataKey
from chassis.grpc_server import GrpcServer, Servicer
from chassis.ids import new_id
from chassis.keyring import Keyring
from gateway_service.data_keys import NOBODY
from waypost.profile.v1 import data_key_service_pb2 as pb
from waypost.profile.v1 import data_key_service_pb2_grpc
from waypost_dev.ports import pick_free

from tests.waiting import until

from .conftest import Running


class DataKeys(data_key_service_pb2_grpc.DataKeyServiceServicer):
    def __init__(self) -> None:
        self.made: list[DataKey] = []

    async def FetchDataKeys(self, request: Any, _: Any) -> Any:
        assert context.current().workspace_id == NOBODY
        answer = pb.FetchDataKeysResponse()
        for key in self.made:
            one = answer.data_keys.add(
                workspace_id=str(key.workspace_id), key_id=str(key.key_id), wrapped=key.wrapped
            )
            one.create_time.FromDatetime(key.created_at)
        return answer


async def sealed_by(gateway: Running) -> bytes:
    """What the newest batch on INGEST begins with behind its workspace and id: version, and length of the key's id."""
    body = {"type": "track", "event": "Seen", "userId": "u"}
    status, _ = await gateway.post("/v1/batch", {"batch": [body]})
    assert status == 200
    client = await nats.connect(gateway.gateway.bus._url)
    try:
        js = client.jetstream()
        last = (await js.stream_info("INGEST")).state.last_seq
        message = await js.get_msg("INGEST", last)
        assert message.data
        return message.data[32:34]
    finally:
        await client.close()


async def test_a_key_is_used_once_it_is_known_and_outlives_profile(
    start_gateway: Callable[..., AbstractAsyncContextManager[Running]], gateway_secrets: Any, nats_url: str
) -> None:
    address = f"127.0.0.1:{pick_free()}"
    data_keys = DataKeys()
    servicer = Servicer("k", data_key_service_pb2_grpc.add_DataKeyServiceServicer_to_server, data_keys)
    signer = ContextSigner(Keyring(bytes.fromhex(gateway_secrets[1].read_text())), SystemClock())
    server = GrpcServer("profile", address, [servicer], signer)
    await server.start()
    await server.set_ready(True)
    try:
        async with start_gateway(nats_url, peers={"profile": address}) as gateway:
            await gateway.wait_for_broker()
            following = gateway.gateway.data_keys
            await until(lambda: _is(following._data_keys.loaded), seconds=10)
            assert await sealed_by(gateway) == b"\x01\x02"
            provider, key_id = FileKeyProvider(gateway_secrets[0]), new_id()
            wrapped = provider.wrap(gateway.workspace_id, key_id, os.urandom(32))
            made = datetime.now(UTC) - timedelta(minutes=2)
            data_keys.made = [DataKey(gateway.workspace_id, key_id, wrapped, made)]
            await following.fetch()
            assert await sealed_by(gateway) == b"\x02\x10"
            url = gateway.gateway.database._url
            workspace = gateway.workspace
    finally:
        await server.stop(grace=0)
    # Profile is away, and the gateway starts anew.
    async with start_gateway(nats_url, peers={"profile": address}, postgres_url=url) as gateway:
        await gateway.wait_for_broker()
        gateway.workspace = workspace
        await until(lambda: _is(gateway.gateway.data_keys._data_keys.loaded), seconds=10)
        assert await sealed_by(gateway) == b"\x02\x10"


async def _is(so: bool) -> bool:
    return so
