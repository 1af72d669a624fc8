"""NATS JetStream: streams, publishing with acknowledgement, fetching one message at a time.

Subjects are `<STREAM>.<lane>.<partition>`. A partition is a lane of work, not a key.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamConfig
from nats.js.api import StreamInfo as NatsStreamInfo

from chassis import logs, metrics, stream_safety
from chassis.broker_access import BrokerAccess
from chassis.errors import BrokerUnavailable, StreamUnsafe

Lane = Literal["live", "bulk"]
LANES: tuple[Lane, ...] = ("live", "bulk")
PARTITIONS = 16
ACK_WAIT_S = 2.0
NO_WAIT_S = 0.25
"""How long a fetch that does not wait gives the broker to say so. It says nothing while another replica has the
partition's one message in hand."""
MAX_RECORDS = 500
MAX_BYTES = 256 * 1024
MAX_RECORD_BYTES = 960 * 1024
"""A larger record does not fit into the broker's message of 1 MiB with its frame and headers."""
STREAMS = {"INGEST": 7, "PROFILE": 3, "SEGMENT": 3, "SCORING": 3, "JOURNEY": 3, "SEND": 3, "MESSAGE": 3}
"""Stream → days kept. INGEST is a system of record; the others can be refilled from outboxes."""

CHECK_EVERY_S = 60.0
"""A publisher looks at a stream's settings this often: somebody may change them."""

T = TypeVar("T")
BROKER_ERRORS = (nats.errors.Error, nats.js.errors.Error, OSError, asyncio.TimeoutError)


@dataclass(frozen=True, slots=True)
class Source:
    """One lane of one partition of a stream, as one service reads it."""

    stream: str
    lane: Lane
    partition: int

    @property
    def subject(self) -> str:
        return f"{self.stream}.{self.lane}.{self.partition}"


@dataclass(frozen=True, slots=True)
class StreamInfo:
    incarnation: datetime
    """When the stream was created; a new one starts at sequence 0 again."""
    last_sequence: int
    epoch: int = 0
    """Of the connection that said so; see Bus.epoch."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far a service is with one lane of a stream."""

    waiting: int
    """Messages that it has not acknowledged."""
    handled: int
    """Sequence up to which all of the lane is acknowledged."""
    last: int
    """The stream's newest sequence."""


class Bus:
    def __init__(self, url: str, service: str, replicas: int = 1, access: BrokerAccess | None = None) -> None:
        """`replicas`: of each stream; an odd number of brokers, 3 where a disk may die."""
        self._url = url
        self.service = service
        self._access = (access or BrokerAccess()).options()
        self._replicas = replicas
        self._safe: dict[str, tuple[int, float]] = {}
        """Stream → connection's epoch and loop time until which its settings are known to be safe."""
        self._client: Client | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._epoch = 0
        self._lost: asyncio.Future[None] | None = None
        self._log = logs.get()

    async def start(self) -> None:
        """Begins to connect and returns: a service is up, if idle, while the broker is away."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._client is not None and not self._client.is_closed:
            try:
                await asyncio.wait_for(self._client.drain(), 5)
            except BROKER_ERRORS:
                await self._client.close()

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    @property
    def epoch(self) -> int:
        """Grows when the connection is lost. What an earlier connection said may be of a broker that is no more."""
        return self._epoch

    async def wait_connected(self) -> Client:
        if self._connecting is not None:
            await asyncio.shield(self._connecting)
        assert self._client is not None
        return self._client

    async def ensure_stream(self, name: str) -> StreamInfo:
        """Creates the stream if it is missing, with settings that never lose an acknowledged message; StreamUnsafe
        when it exists with others."""
        needed = stream_safety.wanted(name, STREAMS[name], self._replicas)
        js = (await self.wait_connected()).jetstream(timeout=5)
        epoch = self._epoch
        try:
            info = await self._unless_lost(js.stream_info(name))
        except nats.js.errors.NotFoundError:
            info = await self._add_stream(needed)
        problems = stream_safety.dangers(info.config, needed)
        metrics.STREAM_UNSAFE.labels(name).set(bool(problems))
        if problems:
            raise StreamUnsafe(f"the stream {name} could lose what it accepts: {'; '.join(problems)}")
        self._safe[name] = (epoch, asyncio.get_running_loop().time() + CHECK_EVERY_S)
        if info.created is None:
            raise BrokerUnavailable("the broker did not say when the stream was created")
        return StreamInfo(info.created, info.state.last_seq, epoch)

    async def _add_stream(self, needed: StreamConfig) -> NatsStreamInfo:
        """The broker fails ("error creating store for stream") while another replica makes the same stream, and adding
        it again once it is there does nothing: so again, for a moment."""
        js = (await self.wait_connected()).jetstream(timeout=5)
        for _ in range(20):
            with contextlib.suppress(nats.js.errors.ServerError):
                return await self._unless_lost(js.add_stream(needed))
            await asyncio.sleep(0.05)
        return await self._unless_lost(js.add_stream(needed))

    async def ensure_consumer(self, source: Source, after: int) -> None:
        """Creates this service's durable consumer of the source if it is missing, to deliver what follows `after`.

        It lives in the broker's memory: the cursor in the database is what is known to be done, and a consumer that
        is gone is made anew from it. One on disk would cost the broker two synced files for each message.
        """
        js = (await self.wait_connected()).jetstream(timeout=5)
        durable = self._durable(source)
        try:
            await self._unless_lost(js.consumer_info(source.stream, durable))
        except nats.js.errors.NotFoundError:
            pass
        else:
            return
        config = ConsumerConfig(
            durable_name=durable,
            filter_subject=source.subject,
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after + 1,
            ack_wait=ACK_WAIT_S,
            max_ack_pending=1,
            max_deliver=-1,
            mem_storage=True,
        )
        try:
            await self._unless_lost(js.add_consumer(source.stream, config))
        except nats.js.errors.BadRequestError:
            # Another replica was first, and started elsewhere because a batch was done meanwhile.
            await self._unless_lost(js.consumer_info(source.stream, durable))

    async def backlog(self, stream: str, lane: Lane) -> Backlog:
        """Of this service. BrokerUnavailable when the broker does not say, or the service has not bound the lane yet."""
        js = (await self.wait_connected()).jetstream(timeout=5)
        sources = [Source(stream, lane, partition) for partition in range(PARTITIONS)]
        try:
            # The stream first: what it holds by then is not newer than what the consumers are asked about.
            last = (await self._unless_lost(js.stream_info(stream))).state.last_seq
            asked = asyncio.gather(*(js.consumer_info(stream, self._durable(one)) for one in sources))
            found = await self._unless_lost(_waited_for(asked))
        except BROKER_ERRORS as error:
            raise BrokerUnavailable("the broker did not say how far behind this service is") from error
        waiting = [(one.num_pending or 0) + (one.num_ack_pending or 0) for one in found]
        floors = [
            last if left == 0 else one.ack_floor.stream_seq if one.ack_floor else 0
            for left, one in zip(waiting, found, strict=True)
        ]
        return Backlog(sum(waiting), min(floors), last)

    async def fetch(self, source: Source, wait_s: float) -> Msg | None:
        """The next message, waiting up to `wait_s` (0: do not wait). None when there is none."""
        client = await self.wait_connected()
        expires = f',"expires":{int(wait_s * 1e9)}' if wait_s else ',"no_wait":true'
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{source.stream}.{self._durable(source)}"
        asked = f'{{"batch":1{expires}}}'.encode()
        message = await self._ask(client, subject, asked, wait_s + 5 if wait_s else NO_WAIT_S)
        if message is None and not wait_s:
            return None
        if message is None:
            raise BrokerUnavailable("the broker did not answer a fetch")
        status = (message.headers or {}).get("Status")
        if status is None:
            return message
        if status in ("404", "408"):
            return None
        raise BrokerUnavailable(f"fetch answered {status} {(message.headers or {}).get('Description', '')}")

    async def on_bulk(self, stream: str, call: Callable[[Iterable[int]], None]) -> None:
        """Calls with the partitions of the stream's bulk lane that somebody has published to. A hint that may get lost:
        look now and then."""
        client = await self.wait_connected()

        async def wake(message: Msg) -> None:
            # The release before this one does not say where.
            call([int(message.data)] if message.data else range(PARTITIONS))

        await client.subscribe(_wake_subject(stream), cb=wake)

    async def _ask(self, client: Client, subject: str, asked: bytes, timeout: float) -> Msg | None:
        """One request, with an inbox of its own: a pulled message keeps its subject, so the client's shared inbox
        could not tell whose it is. A lost connection ends it at once, because the broker forgets what it was asked:
        waiting on would leave the partition deaf."""
        lost = self._lost
        if lost is None or lost.done() or not client.is_connected:
            raise BrokerUnavailable("the broker cannot be reached")
        answer: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox, future=answer, max_msgs=1)
        try:
            await subscription.unsubscribe(limit=1)
            await client.publish(subject, asked, reply=inbox)
            either: list[asyncio.Future[Any]] = [answer, lost]
            await asyncio.wait(either, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            if lost.done():
                raise BrokerUnavailable("the connection to the broker was lost")
            return None
        finally:
            if not answer.done():
                # Cancelled, not failed: the client's read loop would stumble over a future that is done otherwise.
                answer.cancel()
                with contextlib.suppress(nats.errors.Error):
                    await subscription.unsubscribe()

    async def publish(self, subject: str, payload: bytes, message_id: str, *, timeout: float = 5.0) -> int:
        """Returns the sequence once the stream has the message on disk; BrokerUnavailable when that is not known,
        StreamUnsafe when the stream could lose it.

        A time-out leaves the message's fate open: retry with the same `message_id`.
        """
        client = self._client
        if client is None or not client.is_connected:
            raise BrokerUnavailable("the broker cannot be reached")
        js = client.jetstream()
        headers = {"Nats-Msg-Id": message_id}
        stream, lane, partition = subject.split(".")
        outcome, began = "failed", asyncio.get_running_loop().time()
        try:
            if not self._is_safe(stream):
                await self.ensure_stream(stream)
            try:
                ack = await self._unless_lost(js.publish(subject, payload, timeout=timeout, headers=headers))
            except nats.js.errors.NoStreamResponseError:
                await self.ensure_stream(stream)
                ack = await self._unless_lost(js.publish(subject, payload, timeout=timeout, headers=headers))
            if lane == "bulk":
                await client.publish(_wake_subject(stream), partition.encode())
            outcome = "stored"
        except BROKER_ERRORS as error:
            raise BrokerUnavailable("the broker did not acknowledge") from error
        finally:
            took = asyncio.get_running_loop().time() - began
            metrics.PUBLISHED.labels(stream, outcome).observe(took)
        return ack.seq

    def _is_safe(self, stream: str) -> bool:
        epoch, until = self._safe.get(stream, (-1, 0.0))
        return epoch == self._epoch and asyncio.get_running_loop().time() < until

    async def _unless_lost(self, work: Coroutine[Any, Any, T]) -> T:
        """Does what waits for an answer, and stops waiting when the connection is lost: the answer will not come."""
        asking = asyncio.ensure_future(work)
        try:
            if self._lost is None:
                raise BrokerUnavailable("the broker cannot be reached")
            either: list[asyncio.Future[Any]] = [asking, self._lost]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise BrokerUnavailable("the connection to the broker was lost")
            return asking.result()
        finally:
            asking.cancel()

    async def _connect(self) -> None:
        while True:
            try:
                self._client = await nats.connect(
                    self._url,
                    name=self.service,
                    # Of its own, so that the broker can keep a service from reading answers meant for another.
                    inbox_prefix=f"_INBOX_{self.service}",
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.25,
                    connect_timeout=2,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_lost,
                    reconnected_cb=self._on_found,
                    **self._access,
                )
                await self._on_found()
                return
            except BROKER_ERRORS as error:
                self._log.warning("broker_unreachable", detail=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _on_error(self, error: Exception) -> None:
        # The text says which subject this service may not use.
        self._log.warning("broker_error", detail=str(error) or type(error).__name__)

    async def _on_lost(self) -> None:
        self._epoch += 1
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)

    async def _on_found(self) -> None:
        self._lost = asyncio.get_running_loop().create_future()

    def _durable(self, source: Source) -> str:
        return f"{self.service}-{source.lane}-{source.partition}"


async def _waited_for(future: asyncio.Future[T]) -> T:
    return await future


def _wake_subject(stream: str) -> str:
    return f"wake.{stream}.bulk"
