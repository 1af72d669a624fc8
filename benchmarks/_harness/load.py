"""The load generator, a process of its own: `python load.py`, its orders as JSON on stdin, one JSON line on stdout.

`closed`: each connection sends its next request when the last is answered. `open`: requests are due at fixed times
whether or not the earlier ones are answered, and an answer's delay counts from when the request was due, so a server
that falls behind shows it. Bodies are made before the clock starts.
"""

import asyncio
import json
import random
import re
import resource
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop
from bodies import People, batch, fill, single

TEMPLATES = 100
"""Bodies made beforehand; message ids differ each time one is sent."""
_ACCEPTED = re.compile(rb'"accepted":(\d+)')


class Connection(asyncio.Protocol):
    """One request at a time over one HTTP/1.1 connection."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = bytes(self._received).partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
        if len(body) >= length and self._answer:
            self._received.clear()
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the gateway hung up"))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


@dataclass
class Tally:
    requests: int = 0
    accepted: int = 0
    refused: int = 0
    """Requests answered with anything but 200."""
    delays: list[float] = field(default_factory=list)
    first_at: float = 0.0
    last_at: float = 0.0
    """Unix time of the first request and of the last answer."""

    def note(self, status: int, body: bytes, delay: float) -> None:
        self.requests += 1
        self.delays.append(delay)
        self.last_at = time.time()
        if status == 200:
            self.accepted += int(_ACCEPTED.search(body)[1])  # type: ignore[index]
        else:
            self.refused += 1

    def report(self) -> dict[str, float]:
        self.delays.sort()
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "requests": self.requests,
            "accepted": self.accepted,
            "refused": self.refused,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "p50_ms": self._at(0.5),
            "p99_ms": self._at(0.99),
            "cpu_s": used.ru_utime + used.ru_stime,
        }

    def _at(self, share: float) -> float:
        return round(self.delays[int(share * (len(self.delays) - 1))] * 1000, 2) if self.delays else 0.0


class Load:
    def __init__(self, orders: dict[str, Any]) -> None:
        self._orders = orders
        self._size: int = orders["size"]
        people = People(orders["run"], orders["known"], orders["newcomers"])
        chance = random.Random(orders["seed"])
        self._bodies = [
            single(people, chance)
            if self._size == 1
            else batch(people, self._size, chance, orders.get("lane", "live"))
            for _ in range(orders.get("templates", TEMPLATES))
        ]
        path = "/v1/track" if self._size == 1 else "/v1/batch"
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {orders['basic']}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._serial = orders["serial"]
        self.tally = Tally()

    def _request(self) -> bytes:
        self._serial += 1
        body = fill(self._bodies[self._serial % len(self._bodies)], self._serial)
        return self._head + b"%d\r\n\r\n" % len(body) + body

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        host, port = self._orders["address"].rsplit(":", 1)
        connections = [
            (await loop.create_connection(Connection, host, int(port)))[1]
            for _ in range(self._orders["connections"])
        ]
        self.tally.first_at = time.time()
        if self._orders["mode"] == "closed":
            until = loop.time() + self._orders["seconds"]
            await asyncio.gather(*(self._closed(c, until) for c in connections))
        else:
            await self._open(connections)

    async def _closed(self, connection: Connection, until: float) -> None:
        loop = asyncio.get_running_loop()
        while (due := loop.time()) < until:
            self.tally.note(*await connection.ask(self._request()), loop.time() - due)

    async def _open(self, connections: list[Connection]) -> None:
        loop = asyncio.get_running_loop()
        every = self._size / self._orders["rate"]
        due: asyncio.Queue[float | None] = asyncio.Queue()
        senders = [asyncio.create_task(self._drain(c, due)) for c in connections]
        start = loop.time()
        for n in range(round(self._orders["seconds"] / every)):
            await asyncio.sleep(max(0.0, start + n * every - loop.time()))
            due.put_nowait(start + n * every)
        for _ in senders:
            due.put_nowait(None)
        await asyncio.gather(*senders)

    async def _drain(self, connection: Connection, due: "asyncio.Queue[float | None]") -> None:
        loop = asyncio.get_running_loop()
        while (at := await due.get()) is not None:
            self.tally.note(*await connection.ask(self._request()), loop.time() - at)


async def main() -> None:
    load = Load(json.load(sys.stdin))
    await load.run()
    print(json.dumps(load.tally.report()))


if __name__ == "__main__":
    uvloop.run(main())
