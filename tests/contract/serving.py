"""A servicer, real or double, behind the frame that every service has, and a peer that calls it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.grpc_client import Peers
from chassis.grpc_server import GrpcServer, Servicer
from chassis.keyring import Keyring
from waypost_dev.ports import pick_free


@asynccontextmanager
async def peers_of(service: str, name: str, add: Any, implementation: Any) -> AsyncIterator[Peers]:
    """`name`: of the gRPC service; `add`: the generated function that registers it."""
    signer, address = ContextSigner(Keyring(b"c" * 32), SystemClock()), f"127.0.0.1:{pick_free()}"
    server = GrpcServer(service, address, [Servicer(name, add, implementation)], signer)
    await server.start()
    await server.set_ready(True)
    peers = Peers("test", {service: address}, signer)
    try:
        yield peers
    finally:
        await peers.stop()
        await server.stop(0)
