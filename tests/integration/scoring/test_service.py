"""The whole service: PROFILE in over NATS, calls over gRPC."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pytest
from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.grpc_client import Peers, RemoteError
from chassis.ids import derived_id, new_id
from chassis.service import Service
from google.protobuf.timestamp_pb2 import Timestamp
from scoring_service.app import build
from scoring_service.settings import ScoringSettings
from waypost.common.v1 import record_pb2
from waypost.scoring.v1 import rfm_service_pb2 as pb
from waypost.scoring.v1 import rfm_service_pb2_grpc as pb_grpc
from waypost_dev.ports import pick_free

from .harness import identity, merged, ordered

NOW_MS = 1_780_000_000_000
DAY_MS = 86_400_000


class Running:
    def __init__(self, service: Service, peers: Peers, workspace_id: UUID) -> None:
        self.service = service
        self.workspace_id = workspace_id
        self._peers = peers
        self._stub = peers.stub("scoring", pb_grpc.RfmServiceStub)
        self._tenant = peers.tenant(workspace_id)

    async def call(self, method: str, request: Any) -> Any:
        return await self._peers.call(getattr(self._stub, method), request, self._tenant, attempts=20)

    async def publish(self, records: list[bytes]) -> None:
        batch = record_pb2.RecordBatch(
            batch_id=str(new_id()), workspace_id=str(self.workspace_id), records=records
        )
        await self.service.bus.wait_connected()
        await self.service.bus.ensure_stream("PROFILE")
        await self.service.bus.publish("PROFILE.live.5", batch.SerializeToString(), batch.batch_id)

    async def until(self, query: str, expected: Any) -> None:
        async with asyncio.timeout(15):
            while True:
                async with self.service.database.transaction(self.workspace_id) as tx:
                    if await tx.fetchval(query) == expected:
                        return
                await asyncio.sleep(0.02)


@pytest.fixture
async def running(
    templates: Any, nats_url: str, tmp_path: Path, workspace_id: UUID
) -> AsyncIterator[Running]:
    secret = tmp_path / "secret"
    secret.write_text(secrets.token_hex(32))
    address = f"127.0.0.1:{pick_free()}"
    settings = ScoringSettings(
        listen=address,
        postgres_url=await templates.copy("scoring"),
        nats_url=nats_url,
        service_secret_file=secret,
    )
    service = build(settings, frozenset({"rpc", "work"}))
    peers = Peers("gateway", {"scoring": address}, ContextSigner(settings.keyring(), SystemClock()))
    task = asyncio.create_task(service.run())
    try:
        yield Running(service, peers, workspace_id)
    finally:
        await peers.stop()
        service.stopping.set()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def moment(ms: int) -> Timestamp:
    found = Timestamp()
    found.FromMilliseconds(ms)
    return found


async def test_orders_in_scores_out_and_a_bad_total_set_aside_alone(running: Running) -> None:
    records = [
        ordered(n, n, 1, derived_id("o", str(n)), NOW_MS - n * DAY_MS, 10.5 * (n + 1)) for n in range(10)
    ]
    bad = ordered(3, 3, 1, derived_id("bad"), NOW_MS, "12,50")
    await running.publish([*records[:5], bad, *records[5:]])
    await running.until("SELECT coalesce(sum(cardinality(event_ids)), 0) FROM orders", 10)
    await running.until("SELECT string_agg(reason, ',') FROM dead_letters", "AMOUNT_INVALID")

    request = pb.ComputeRfmRequest(as_of_time=moment(NOW_MS), request_id="r1")
    summary = (await running.call("ComputeRfm", request)).summary
    assert (summary.customer_count, summary.order_count, summary.amount_minor) == (10, 10, 57750)
    assert list(summary.recency_days_thresholds) == [1, 3, 5, 7]
    assert list(summary.frequency_thresholds) == [1, 1, 1, 1]
    assert sum(g.customer_count for g in summary.groups) == 10
    assert {g.group: g.label_zh for g in summary.groups}["champions"] == "重要价值客户"
    assert (await running.call("ComputeRfm", request)).summary == summary
    newest = await running.call("GetRfmSummary", pb.GetRfmSummaryRequest())
    exact = await running.call("GetRfmSummary", pb.GetRfmSummaryRequest(as_of_time=moment(NOW_MS)))
    assert newest.summary == exact.summary == summary
    score = await running.call("GetRfmScore", pb.GetRfmScoreRequest(profile_id=str(identity(0))))
    assert (score.recency, score.frequency, score.monetary) == (5, 1, 1)
    assert score.group == "general_to_develop"

    await running.publish([merged(0, [(9, 50)], derived_id("m"), NOW_MS, 1)])
    await running.until(f"SELECT count(*) FROM people WHERE profile_id = '{identity(0)}'", 2)
    later = pb.ComputeRfmRequest(as_of_time=moment(NOW_MS + DAY_MS))
    summary = (await running.call("ComputeRfm", later)).summary
    assert (summary.customer_count, summary.order_count, summary.amount_minor) == (9, 10, 57750)
    score = await running.call("GetRfmScore", pb.GetRfmScoreRequest(profile_id=str(identity(9))))
    assert (score.profile_id, score.frequency, score.group) == (str(identity(0)), 5, "champions")


@pytest.mark.parametrize(
    ("method", "request_", "code"),
    [
        ("GetRfmSummary", pb.GetRfmSummaryRequest(), grpc.StatusCode.NOT_FOUND),
        ("GetRfmSummary", pb.GetRfmSummaryRequest(model="other"), grpc.StatusCode.NOT_FOUND),
        ("GetRfmScore", pb.GetRfmScoreRequest(profile_id=str(identity(1))), grpc.StatusCode.NOT_FOUND),
        ("GetRfmScore", pb.GetRfmScoreRequest(profile_id="x"), grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_refusals(running: Running, method: str, request_: Any, code: grpc.StatusCode) -> None:
    with pytest.raises(RemoteError) as caught:
        await running.call(method, request_)
    assert caught.value.code == code
