"""One address for the replicas of a service, as a cluster gives it."""

import asyncio
import contextlib
from collections.abc import Sequence
from itertools import cycle


class Balancer:
    """Each connection goes to the next port in turn that somebody listens on; with nobody there it is closed."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._count = len(ports)
        self._turn = cycle(ports)

    async def start(self) -> str:
        """The address, host:port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    async def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(self._count):
            with contextlib.suppress(OSError):
                back_reader, back_writer = await asyncio.open_connection("127.0.0.1", next(self._turn))
                await asyncio.gather(_pump(reader, back_writer), _pump(back_reader, writer))
                return
        writer.close()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Until either side leaves."""
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()
