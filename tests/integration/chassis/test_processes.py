"""Replicas as processes: paused in the middle of a transaction, and asked to leave with a batch in hand."""

from pathlib import Path
from typing import Any

import grpc
from chassis.bus import Bus
from chassis.database import Database
from grpc_health.v1 import health_pb2, health_pb2_grpc
from waypost_dev.nats import Nats

from tests.integration.chassis.harness import Process, Publisher, blocked, lock_held, replica, until
from tests.integration.chassis.keyed import effects


async def health(process: Process, service: str = "readiness") -> Any:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{process.port}") as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=service), timeout=5
            )
        except grpc.aio.AioRpcError as error:
            return error.code()
    return answer.status


async def test_a_replica_paused_in_its_transaction_is_replaced_and_harmless_when_it_wakes(
    broker: Nats, database: Database, publisher: Publisher, tmp_path: Path
) -> None:
    workspace_id = publisher.workspace_id

    async def has(*keys: str) -> bool:
        return set(keys) <= set(await effects(database, workspace_id))

    with Process(database, broker.url, tmp_path) as paused:
        async with lock_held(database) as release:
            await publisher.send(["block:7", "a"])
            await until(lambda: blocked(database), 20)
            paused.child.pause()
            await release()
        async with replica(database, Bus(broker.url, "keyed")):
            assert await until(lambda: has("block:7", "a"), 15) > 0

            async def acknowledged() -> bool:
                return await publisher.unacknowledged("live", 0) == 0

            await until(acknowledged)
        paused.child.resume()
        # Its batch is done; it has the partition, and the others, to itself.
        for partition in (0, 1):
            await publisher.send([f"after{partition}"], partition=partition)
        await until(lambda: has("after0", "after1"), 15)
        assert paused.child.running, paused.log.read_text()[-2000:]
        assert await paused.child.stop()
    assert await effects(database, workspace_id) == dict.fromkeys(["block:7", "a", "after0", "after1"], 1)
    outputs = sorted(r for _, records in await publisher.outputs() for r in records)
    assert outputs == ["keyed/a", "keyed/after0", "keyed/after1", "keyed/block:7"]


async def test_sigterm_finishes_the_batch_in_hand_and_is_not_ready_meanwhile(
    broker: Nats, database: Database, publisher: Publisher, tmp_path: Path
) -> None:
    serving, not_serving = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
    async with lock_held(database) as release:
        with Process(database, broker.url, tmp_path) as process:

            async def ready() -> bool:
                return bool(await health(process) == serving)

            await until(ready, 20)
            await publisher.send(["block:7"])
            await until(lambda: blocked(database))
            process.child._popen.terminate()

            async def leaving() -> bool:
                return bool(await health(process) == not_serving)

            await until(leaving, 5)
            # Longer than the readiness watch needs to change its mind, twice.
            checks: list[Any] = []

            async def watched() -> bool:
                checks.append(await health(process))
                return len(checks) * 0.02 > 1.2

            await until(watched, 10)
            assert set(checks) == {not_serving}
            assert process.child.running
            assert await effects(database, publisher.workspace_id) == {}
            await release()
            await until(process.ended, 10)
    assert process.child.returncode == 0, process.log.read_text()[-2000:]
    assert await effects(database, publisher.workspace_id) == {"block:7": 1}
    assert [r for _, r in await publisher.outputs()] == [["keyed/block:7"]]
    assert await publisher.unacknowledged("live", 0) == 0
