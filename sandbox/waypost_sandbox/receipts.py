"""The courier: posts receipts and replies to their callbacks until each is taken."""

import asyncio
import json
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp

from waypost_sandbox import clock, log, signature
from waypost_sandbox.messages import Callback, Destination
from waypost_sandbox.store import Store

BATCH = 100
# Receipts falling due within this time of a post share the next one.
GATHER_SECONDS = 0.02
REPEAT_AFTER = 50_000
POST_SECONDS = 5.0
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 0.1, 5.0
_NEVER = 2**63


class Lane:
    """One destination's queue, a post at a time: a callback that fails delays nobody else's."""

    def __init__(self, to: Destination, store: Store, session: aiohttp.ClientSession, secret: bytes) -> None:
        self._to, self._store, self._session, self._secret = to, store, session, secret
        # A report is a mail, and a mail is posted as it is.
        self._largest = 1 if to.kind == "reports" else BATCH
        self._earliest = 0
        self._failures = 0
        self._stopping = False
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()

    def expect(self, due: int) -> None:
        if due < self._earliest:
            self._earliest = due
            self._woken.set()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()
        self._stopped.set()

    async def run(self) -> None:
        while True:
            await self._wait_until_due()
            if self._stopping:
                return
            # Forgotten before looking: what is committed after the look calls expect() again.
            self._earliest = _NEVER
            batch = await self._store.due(self._to, self._largest)
            if batch:
                await self._deliver(batch)
                self._earliest = 0
            else:
                self.expect(await self._store.next_due(self._to) or _NEVER)

    async def _wait_until_due(self) -> None:
        while not self._stopping and (wait := self._earliest - clock.now()) > 0:
            self._woken.clear()
            await _wait(self._woken, wait / clock.SECOND)

    async def _deliver(self, batch: list[Callback]) -> None:
        problem = await self._post(batch)
        if problem is None:
            self._failures = 0
            await self._store.posted(batch, again_at=clock.now() + REPEAT_AFTER)
            if len(batch) < self._largest:
                await _wait(self._stopped, GATHER_SECONDS)
            return
        if self._failures == 0:
            log.line(
                "error",
                reason="callback failed, will retry",
                host=urlsplit(self._to.url).netloc,
                problem=problem,
            )
        backoff = min(FIRST_BACKOFF_SECONDS * 2 ** min(self._failures, 10), LONGEST_BACKOFF_SECONDS)
        self._failures += 1
        await _wait(self._stopped, backoff)

    async def _post(self, batch: list[Callback]) -> str | None:
        body, headers = self._signed(batch)
        try:
            async with self._session.post(
                self._to.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return None if 200 <= answer.status < 300 else f"status {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__

    def _signed(self, batch: list[Callback]) -> tuple[bytes, dict[str, str]]:
        at, account = clock.now() // clock.SECOND, self._to.account
        if self._to.kind == "reports":
            body = batch[0].item.encode()
            headers = signature.headers(self._secret, at, account, body, prefix="X-Waypost")
            return body, {**headers, "Content-Type": "message/rfc822"}
        items = [json.loads(callback.item) for callback in batch]
        body = json.dumps({"account": account, self._to.kind: items}, ensure_ascii=False).encode()
        headers = signature.headers(self._secret, at, account, body)
        return body, {**headers, "Content-Type": "application/json"}


class Courier:
    def __init__(self, store: Store, secret: bytes, on_death: Callable[[], None]) -> None:
        self._store, self._secret, self._on_death = store, secret, on_death
        self._lanes: dict[Destination, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        timeout = aiohttp.ClientTimeout(total=POST_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def resume(self) -> None:
        """Takes up what an earlier process left in the outbox."""
        for destination in await self._store.destinations():
            self.expect(destination, due=0)

    def expect(self, to: Destination, due: int) -> None:
        if self._session is None:
            return  # stopping: the outbox keeps it for the next start
        lane = self._lanes.get(to)
        if lane is not None:
            lane.expect(due)
            return
        lane = self._lanes[to] = Lane(to, self._store, self._session, self._secret)
        task = asyncio.create_task(lane.run())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def stop(self) -> None:
        session, self._session = self._session, None
        for lane in self._lanes.values():
            lane.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=POST_SECONDS + 1)
        for task in self._tasks:
            task.cancel()
        if session is not None:
            await session.close()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.line("courier died", error=error)
            self._on_death()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
