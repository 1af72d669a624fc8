"""Group commit against a broker that answers when told to."""

import asyncio
import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.crypto import Ciphers, FileKeyProvider
from chassis.errors import BrokerUnavailable
from chassis.sealed import open_batch
from gateway_service.ingest import commit as commits
from gateway_service.ingest.commit import GroupCommit, QueueFull

WORKSPACE = UUID(int=7)


class Broker:
    """Stands in for Bus: keeps what is published, acknowledges when its gate is open."""

    def __init__(self, ciphers: Ciphers) -> None:
        self.connected = True
        self.gate = asyncio.Event()
        self.gate.set()
        self.fail = 0
        self.calls: list[tuple[str, list[bytes], str]] = []
        self.flying = 0
        self.most_flying = 0
        self._ciphers = ciphers

    async def publish(self, subject: str, payload: bytes, message_id: str, *, timeout: float) -> int:
        records = list(open_batch(self._ciphers, payload).records)
        self.calls.append((subject, records, message_id))
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
        finally:
            self.flying -= 1
        if self.fail:
            self.fail -= 1
            raise BrokerUnavailable("no answer")
        return 1


@pytest.fixture
def ciphers(tmp_path: Path) -> Ciphers:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"active": "k", "keys": {"k": base64.b64encode(os.urandom(32)).decode()}}))
    file.chmod(0o600)
    return Ciphers(FileKeyProvider(file))


@pytest.fixture
def broker(ciphers: Ciphers) -> Broker:
    return Broker(ciphers)


@pytest.fixture
def make(broker: Broker, ciphers: Ciphers) -> Callable[..., GroupCommit]:
    def build(queue_bytes: int = 10**9) -> GroupCommit:
        bus: Any = broker
        return GroupCommit(bus, ciphers, queue_bytes)

    return build


def some(count: int, size: int = 10) -> list[bytes]:
    return [f"{n:0{size}}".encode() for n in range(count)]


async def test_a_lone_request_goes_at_once(make: Any, broker: Broker) -> None:
    await asyncio.wait_for(make().submit(WORKSPACE, "live", some(1)), 1)
    [(subject, records, _)] = broker.calls
    assert subject.startswith("INGEST.live.")
    assert records == some(1)


async def test_requests_that_meet_a_flight_travel_together(make: Any, broker: Broker) -> None:
    commit = make()
    broker.gate.clear()
    waiting = [asyncio.create_task(commit.submit(WORKSPACE, "live", [f"{n}".encode()])) for n in range(100)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in waiting)
    broker.gate.set()
    await asyncio.wait_for(asyncio.gather(*waiting), 2)
    assert len(broker.calls) <= 3
    assert sorted(r for _, records, _ in broker.calls for r in records) == sorted(
        f"{n}".encode() for n in range(100)
    )


async def test_messages_are_bounded_and_four_fly_at_once(make: Any, broker: Broker) -> None:
    await make().submit(WORKSPACE, "live", some(5000, 100))
    assert all(len(records) <= 500 for _, records, _ in broker.calls)
    assert sum(len(records) for _, records, _ in broker.calls) == 5000
    assert 1 < broker.most_flying <= 4
    broker.calls.clear()
    await make().submit(WORKSPACE, "bulk", some(500))
    assert [len(records) for _, records, _ in broker.calls] == [200, 200, 100]
    broker.calls.clear()
    await make().submit(WORKSPACE, "live", some(20, 30_000))
    assert all(sum(map(len, records)) <= 256 * 1024 for _, records, _ in broker.calls)


async def test_workspaces_and_lanes_never_mix(make: Any, broker: Broker) -> None:
    commit = make()
    broker.gate.clear()
    spaces = [uuid4() for _ in range(3)]
    tasks = [
        asyncio.create_task(commit.submit(space, lane, [space.bytes + lane.encode()]))
        for space in spaces
        for lane in ("live", "bulk")
        for _ in range(5)
    ]
    await asyncio.sleep(0.02)
    broker.gate.set()
    await asyncio.gather(*tasks)
    assert all(len(set(records)) == 1 for _, records, _ in broker.calls)


async def test_a_retry_carries_the_same_id(make: Any, broker: Broker) -> None:
    broker.fail = 2
    await make().submit(WORKSPACE, "live", some(2))
    assert len(broker.calls) == 3
    assert len({(subject, message_id) for subject, _, message_id in broker.calls}) == 1


async def test_a_request_fails_when_one_of_its_messages_does(
    make: Any, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "DEADLINE_S", 0.05)
    commit = make(10**6)
    broker.fail = 1
    with pytest.raises(BrokerUnavailable):
        await commit.submit(WORKSPACE, "live", some(1200))
    await commit.drain()
    assert commit._room == 10**6
    assert not commit._lines


async def test_bounds_and_absence_of_the_broker(make: Any, broker: Broker) -> None:
    commit = make(100)
    with pytest.raises(QueueFull):
        await commit.submit(WORKSPACE, "live", some(11))
    await commit.submit(WORKSPACE, "live", some(10))
    await commit.submit(WORKSPACE, "live", [])
    broker.connected = False
    with pytest.raises(BrokerUnavailable):
        await commit.submit(WORKSPACE, "live", some(1))


async def test_a_caller_that_hangs_up_takes_nothing_with_it(make: Any, broker: Broker) -> None:
    commit = make(1000)
    broker.gate.clear()
    gone = asyncio.create_task(commit.submit(WORKSPACE, "live", some(1)))
    stays = asyncio.create_task(commit.submit(WORKSPACE, "live", some(2)))
    await asyncio.sleep(0.02)
    gone.cancel()
    broker.gate.set()
    await asyncio.wait_for(stays, 1)
    await commit.drain()
    assert commit._room == 1000
