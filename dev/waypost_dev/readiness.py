"""Is a process ready for work? One question per kind of process, each answered within a second."""

from __future__ import annotations

import asyncio
import contextlib
import os

import aiohttp

from waypost_dev.names import ENGINES, SERVICES, base

# Read when grpc is first imported; its fork handlers otherwise kill a child started under load now and then.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
import grpc  # type: ignore[import-untyped, unused-ignore]
import grpc.aio  # type: ignore[import-untyped, unused-ignore]

TIMEOUT = 1.0
# grpc.health.v1 written out, to need no generated stubs: HealthCheckRequest{service: "readiness"} and
# HealthCheckResponse{status: SERVING}.
_CHECK = "/grpc.health.v1.Health/Check"
_REQUEST = b"\x0a\x09readiness"
_SERVING = b"\x08\x01"


async def is_ready(name: str, port: int) -> bool:
    """Ask once."""
    kind = base(name)
    if kind in ENGINES:
        return await _accepts(port)
    return await (_serves_grpc(port) if kind in SERVICES else _serves_http(port))


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), TIMEOUT)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def _serves_grpc(port: int) -> bool:
    options = [("grpc.enable_http_proxy", 0)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        try:
            answer: bytes = await channel.unary_unary(_CHECK)(_REQUEST, timeout=TIMEOUT)
        except grpc.aio.AioRpcError:
            return False
    return answer == _SERVING


async def _serves_http(port: int) -> bool:
    limit = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.get(f"http://127.0.0.1:{port}/readyz") as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False
