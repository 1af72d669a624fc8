"""Group commit: records of concurrent requests of one (workspace, lane) travel together.

A batch leaves at once when nothing of its lane is in flight, else when it is full, when the oldest record has waited
5 ms, or when a flight lands. A request is answered when every message that carries one of its records is on disk.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import grpc
from chassis import logs
from chassis.bus import MAX_BYTES, MAX_RECORDS, PARTITIONS, Bus, Lane
from chassis.crypto import Ciphers
from chassis.errors import BrokerUnavailable, ServiceError, StreamUnsafe
from chassis.ids import bucket_of, new_id
from chassis.sealed import seal_batch
from waypost.common.v1 import record_pb2

from gateway_service import metrics

STREAM = "INGEST"
WAIT_S = 0.005
FLIGHTS = 4
DEADLINE_S = 10.0
ATTEMPT_S = 3.0
BULK_RECORDS = 200


class QueueFull(ServiceError):
    """More is accepted than the broker stores; the caller should come back."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "QUEUE_FULL"


@dataclass(slots=True)
class _Ticket:
    """One request's part: done when its last record is on disk, failed with the first message that is not."""

    done: asyncio.Future[None]
    left: int


@dataclass(slots=True)
class _Line:
    """What waits for one (workspace, lane)."""

    workspace_id: UUID
    lane: Lane
    waiting: deque[tuple[_Ticket, bytes]] = field(default_factory=deque)
    size: int = 0
    flights: int = 0
    due: bool = False
    """All that waits now may leave without being full."""
    timer: asyncio.TimerHandle | None = None

    @property
    def most_records(self) -> int:
        return BULK_RECORDS if self.lane == "bulk" else MAX_RECORDS

    @property
    def full(self) -> bool:
        return len(self.waiting) >= self.most_records or self.size >= MAX_BYTES

    def cut(self) -> tuple[list[_Ticket], list[bytes]]:
        """The next message's records; one that is larger than a message should be travels alone."""
        tickets: list[_Ticket] = []
        records: list[bytes] = []
        size = 0
        while self.waiting and len(records) < self.most_records:
            ticket, record = self.waiting[0]
            if records and size + len(record) > MAX_BYTES:
                break
            self.waiting.popleft()
            tickets.append(ticket)
            records.append(record)
            size += len(record)
        self.size -= size
        return tickets, records


class GroupCommit:
    def __init__(self, bus: Bus, ciphers: Ciphers, queue_bytes: int) -> None:
        self._bus = bus
        self._ciphers = ciphers
        self._room = queue_bytes
        metrics.QUEUE_ROOM.set(queue_bytes)
        metrics.QUEUED.set_function(lambda: queue_bytes - self._room)
        self._lines: dict[tuple[UUID, Lane], _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = logs.get()

    async def submit(self, workspace_id: UUID, lane: Lane, records: Sequence[bytes]) -> None:
        """Returns when all records are on the broker's disk. Raises BrokerUnavailable (their fate may be unknown;
        sending again is safe) or QueueFull (none was taken)."""
        if not records:
            return
        if not self._bus.connected:
            raise BrokerUnavailable("the broker cannot be reached; nothing was stored")
        size = sum(map(len, records))
        if size > self._room:
            raise QueueFull("too many events wait for the broker; try again in a second")
        ticket = _Ticket(asyncio.get_running_loop().create_future(), len(records))
        line = self._lines.get((workspace_id, lane))
        if line is None:
            line = self._lines[workspace_id, lane] = _Line(workspace_id, lane)
        self._room -= size
        line.waiting.extend((ticket, record) for record in records)
        line.size += size
        if line.flights == 0:
            line.due = True
        self._send(line)
        await ticket.done

    async def drain(self) -> None:
        """Waits until nothing is waiting or in flight."""
        # Records wait only while a flight of their line is out, and its landing starts the next.
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _send(self, line: _Line) -> None:
        """Starts every flight that may start now."""
        while line.waiting and line.flights < FLIGHTS and (line.due or line.full):
            line.flights += 1
            task = asyncio.create_task(self._fly(line, *line.cut()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not line.waiting:
            line.due = False
            if line.timer:
                line.timer.cancel()
                line.timer = None
        elif line.timer is None and not line.due:
            line.timer = asyncio.get_running_loop().call_later(WAIT_S, self._ring, line)

    def _ring(self, line: _Line) -> None:
        line.timer = None
        line.due = True
        self._send(line)

    async def _fly(self, line: _Line, tickets: list[_Ticket], records: list[bytes]) -> None:
        failure: BrokerUnavailable | None = None
        try:
            await self._publish(line, records)
        except BrokerUnavailable as error:
            failure = error
        except Exception:  # noqa: BLE001 - nobody awaits a flight: its requests would wait for ever
            self._log.exception("flight_failed")
            failure = BrokerUnavailable("the events could not be stored; try again")
        self._room += sum(map(len, records))
        _settle(tickets, failure)
        line.flights -= 1
        line.due = True
        self._send(line)
        if not line.waiting and not line.flights:
            self._lines.pop((line.workspace_id, line.lane), None)

    async def _publish(self, line: _Line, records: list[bytes]) -> None:
        batch_id = new_id()
        batch = record_pb2.RecordBatch(
            batch_id=str(batch_id), workspace_id=str(line.workspace_id), records=records
        )
        payload = seal_batch(self._ciphers, line.workspace_id, batch)
        subject = f"{STREAM}.{line.lane}.{bucket_of(batch_id) % PARTITIONS}"
        loop = asyncio.get_running_loop()
        ends = loop.time() + DEADLINE_S
        while True:
            try:
                # The same id on every attempt: a time-out leaves open whether the first one was stored.
                await self._bus.publish(
                    subject, payload, str(batch_id), timeout=max(0.1, min(ATTEMPT_S, ends - loop.time()))
                )
                return
            except StreamUnsafe:
                raise
            except BrokerUnavailable:
                if loop.time() + 0.1 >= ends:
                    raise
                await asyncio.sleep(0.1)


def _settle(tickets: list[_Ticket], failure: BrokerUnavailable | None) -> None:
    for ticket in tickets:
        ticket.left -= 1
        if ticket.done.done():
            continue  # failed with an earlier message, or its caller hung up
        if failure is not None:
            ticket.done.set_exception(failure)
        elif ticket.left == 0:
            ticket.done.set_result(None)
