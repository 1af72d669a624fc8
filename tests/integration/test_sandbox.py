"""The sandbox provider, as a real process: what it promises its callers, also when it is killed."""

import asyncio
import hmac
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

SECRET = "5a" * 32
NOWHERE = "http://127.0.0.1:9/receipts"
DEADLINE = 20.0


def signed(
    body: bytes, account: str = "acme", at: float | None = None, secret: str = SECRET
) -> dict[str, str]:
    """The documented scheme, spelled again here so that the server's own code is not its judge."""
    timestamp = str(int(time.time() if at is None else at))
    mac = hmac.new(bytes.fromhex(secret), f"{timestamp}.{account}.".encode() + body, sha256)
    return {
        "X-Sandbox-Timestamp": timestamp,
        "X-Sandbox-Account": account,
        "X-Sandbox-Signature": mac.hexdigest(),
    }


def message(id_: str, **other: object) -> dict[str, object]:
    return {
        "message_id": id_,
        "to": "+8613800138000",
        "sign_name": "途点",
        "text": "您的验证码是 1234",
        "callback_url": NOWHERE,
        **other,
    }


@dataclass
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Sandbox:
    http: aiohttp.ClientSession
    data_dir: Path
    url: str = ""
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        env = {
            "SANDBOX_LISTEN": "127.0.0.1:0",
            "SANDBOX_DATA_DIR": str(self.data_dir),
            "SANDBOX_SECRET": SECRET,
        }
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "waypost_sandbox", env=env, stdout=asyncio.subprocess.PIPE
        )
        assert self.process.stdout is not None
        line = json.loads(await asyncio.wait_for(self.process.stdout.readline(), DEADLINE))
        assert line["event"] == "start"
        self.url = f"http://{line['listen']}"

    async def end(self, number: signal.Signals) -> tuple[int, str]:
        """The exit code, and what was logged after the start."""
        process, self.process = self.process, None
        assert process is not None
        process.send_signal(number)
        logged, _ = await asyncio.wait_for(process.communicate(), DEADLINE)
        assert process.returncode is not None
        return process.returncode, logged.decode()

    async def call(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        async with self.http.request(method, self.url + path, data=body, headers=headers) as answer:
            return Answer(answer.status, await answer.json(), dict(answer.headers))

    async def send(self, content: dict[str, object], account: str = "acme", path: str = "") -> Answer:
        body = json.dumps(content).encode()
        return await self.call("POST", "/sms/v1/messages" + path, body, signed(body, account))

    async def look_up(self, message_id: str) -> Answer:
        return await self.call("GET", f"/sms/v1/messages/{message_id}", headers=signed(b""))

    async def control(self, **change: object) -> Answer:
        return await self.call("PUT", "/control", json.dumps(change).encode())

    async def messages(self) -> list[dict[str, Any]]:
        return list((await self.call("GET", "/control/messages")).body["messages"])

    async def stats(self) -> dict[str, Any]:
        return (await self.call("GET", "/control/stats")).body


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE)) as http:
        running = Sandbox(http, tmp_path / "data")
        await running.start()
        yield running
        if running.process is not None:
            await running.end(signal.SIGKILL)


@dataclass
class Receiver:
    """A callback server that checks signatures and keeps what it was given."""

    statuses: list[int] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def items(self, kind: str) -> list[dict[str, Any]]:
        return [item for post in self.posts for item in post.get(kind, [])]

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        account, at = request.headers["X-Sandbox-Account"], float(request.headers["X-Sandbox-Timestamp"])
        if signed(body, account, at)["X-Sandbox-Signature"] != request.headers["X-Sandbox-Signature"]:
            return web.Response(status=401)
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        self.posts.append(json.loads(body))
        return web.Response(status=204)


@asynccontextmanager
async def receiving(receiver: Receiver, port: int = 0) -> AsyncIterator[Receiver]:
    app = web.Application()
    app.add_routes([web.post("/receipts", receiver.handle)])
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/receipts"
        yield receiver


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not await check():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.01)


async def no_callbacks_pending(sandbox: Sandbox) -> None:
    async def empty() -> bool:
        return bool((await sandbox.stats())["pending_callbacks"] == 0)

    await until(empty)


async def test_a_message_is_sent_once_however_often_it_is_called(sandbox: Sandbox) -> None:
    first = await sandbox.send(message("m-1"))
    assert (first.status, first.body["state"], first.body["duplicate"]) == (200, "accepted", False)

    again = await asyncio.gather(*(sandbox.send(message("m-1")) for _ in range(20)))

    assert all(answer.body == {**first.body, "duplicate": True} for answer in again)
    (handset,) = await sandbox.messages()
    assert (handset["message_id"], handset["to"], handset["calls"]) == ("m-1", "+8613800138000", 21)
    stats = await sandbox.stats()
    assert (stats["messages"], stats["calls"], stats["duplicates"]) == (1, 21, 20)


async def test_an_id_belongs_to_one_body_and_one_account(sandbox: Sandbox) -> None:
    await sandbox.send(message("m-1"))
    reused = await sandbox.send(message("m-1", text="another text"))
    assert (reused.status, reused.body["code"]) == (409, "ID_REUSED")
    other_account = await sandbox.send(message("m-1", text="another text"), account="globex")
    assert (other_account.status, other_account.body["duplicate"]) == (200, False)
    assert [row["calls"] for row in await sandbox.messages()] == [1, 1]


async def test_only_signed_and_recent_calls_are_heard(sandbox: Sandbox) -> None:
    body = json.dumps(message("m-1")).encode()
    good = signed(body)
    refused = {
        "no signature": {},
        "other secret": signed(body, secret="00" * 32),
        "other body": signed(body + b" "),
        "other account": {**good, "X-Sandbox-Account": "globex"},
        "dotted account": signed(body, account="a.b"),
    }
    for why, headers in refused.items():
        answer = await sandbox.call("POST", "/sms/v1/messages", body, headers)
        assert (answer.status, answer.body["code"]) == (401, "SIGNATURE_INVALID"), why
    for skew in (-320, 320):
        answer = await sandbox.call("POST", "/sms/v1/messages", body, signed(body, at=time.time() + skew))
        assert (answer.status, answer.body["code"]) == (401, "TIMESTAMP_EXPIRED")
    assert (await sandbox.call("GET", "/sms/v1/messages/m-1")).status == 401
    assert await sandbox.messages() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "13800138000"}, "NUMBER_INVALID"),
        ({"to": "+8612800138000"}, "NUMBER_INVALID"),
        ({"to": "+86138001380001"}, "NUMBER_INVALID"),
        ({"to": "+86１３８００１３８０００"}, "NUMBER_INVALID"),
        ({"text": "字" * 501}, "TEXT_TOO_LONG"),
        ({"text": "  "}, "TEXT_EMPTY"),
        ({"sign_name": ""}, "SIGN_MISSING"),
        ({"text": "\ud800"}, "BODY_INVALID"),
        ({"message_id": ""}, "MESSAGE_ID_INVALID"),
        ({"callback_url": "ftp://example.com"}, "CALLBACK_INVALID"),
    ],
)
async def test_a_bad_message_is_refused(sandbox: Sandbox, change: dict[str, object], code: str) -> None:
    answer = await sandbox.send(message("m-1", **change))
    assert (answer.status, answer.body["code"]) == (400, code)
    assert (await sandbox.look_up("m-1")).body["code"] == "NOT_THERE"


async def test_a_batch_answers_each_message_in_order(sandbox: Sandbox) -> None:
    await sandbox.send(message("m-1"))
    items = [message("m-1"), message("m-2", to="1"), message("m-3"), message("m-3", text="x"), 7]
    answer = await sandbox.send({"messages": items}, path=":batch")
    results = answer.body["results"]
    assert [result["status"] for result in results] == [200, 400, 200, 409, 400]
    assert [result.get("duplicate") for result in results] == [True, None, False, None, None]
    too_many = await sandbox.send({"messages": [message(f"b-{n}") for n in range(101)]}, path=":batch")
    assert (too_many.status, too_many.body["code"]) == (400, "BATCH_SIZE")


async def test_what_was_accepted_survives_a_kill_before_the_answer(sandbox: Sandbox) -> None:
    await sandbox.control(timeout_after_accept=1, receipt_delay_ms=600_000)
    with pytest.raises(aiohttp.ClientConnectionError):
        await sandbox.send(message("m-1"))
    await sandbox.end(signal.SIGKILL)
    await sandbox.start()

    found = await sandbox.look_up("m-1")
    assert (found.status, found.body["state"]) == (200, "accepted")
    retried = await sandbox.send(message("m-1"))
    assert retried.body == {"provider_id": found.body["provider_id"], "state": "accepted", "duplicate": True}
    assert len(await sandbox.messages()) == 1


async def test_what_was_cut_before_accepting_is_not_there(sandbox: Sandbox) -> None:
    await sandbox.control(timeout_before_accept=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await sandbox.send(message("m-1"))
    assert (await sandbox.look_up("m-1")).status == 404
    assert (await sandbox.send(message("m-1"))).body["duplicate"] is False


async def test_every_answered_send_survives_a_kill_under_load(sandbox: Sandbox) -> None:
    answered: list[str] = []

    async def send(message_id: str) -> None:
        try:
            if (await sandbox.send(message(message_id))).status == 200:
                answered.append(message_id)
        except aiohttp.ClientError:
            return

    sends = [asyncio.create_task(send(f"m-{n}")) for n in range(600)]

    async def some_answered() -> bool:
        await asyncio.wait(sends, timeout=0.005)
        return len(answered) >= 50

    await until(some_answered)
    await sandbox.end(signal.SIGKILL)
    await asyncio.gather(*sends)
    await sandbox.start()

    assert len(answered) < 600
    assert set(answered) <= {row["message_id"] for row in await sandbox.messages()}


async def test_receipts_come_once_the_callback_is_up_even_after_a_restart(sandbox: Sandbox) -> None:
    async with receiving(Receiver()) as receiver:
        url = receiver.url
    for n in range(250):
        assert (await sandbox.send(message(f"m-{n}", callback_url=url))).status == 200
    code, logged = await sandbox.end(signal.SIGTERM)
    assert code == 0
    assert "callback failed" in logged
    assert "+86" not in logged
    await sandbox.start()

    receiver.statuses = [500, 302]
    async with receiving(receiver, port=int(url.split(":")[2].split("/")[0])):
        await no_callbacks_pending(sandbox)

    receipts = receiver.items("receipts")
    assert sorted(r["message_id"] for r in receipts) == sorted(f"m-{n}" for n in range(250))
    assert {(r["state"], r["error_code"]) for r in receipts} == {("delivered", None)}
    assert {post["account"] for post in receiver.posts} == {"acme"}
    assert max(len(post["receipts"]) for post in receiver.posts) <= 100
    assert (await sandbox.look_up("m-0")).body["state"] == "delivered"


async def test_a_dead_callback_delays_no_other(sandbox: Sandbox) -> None:
    async with receiving(Receiver()) as receiver:
        await sandbox.send(message("m-dead"))
        await sandbox.send(message("m-live", callback_url=receiver.url))

        async def arrived() -> bool:
            return bool(receiver.posts) and (await sandbox.stats())["pending_callbacks"] == 1

        await until(arrived)


async def test_receipts_fail_repeat_and_are_lost_as_told(sandbox: Sandbox) -> None:
    async with receiving(Receiver()) as receiver:
        await sandbox.control(repeat_receipts=2, fail_rate=1, receipt_delay_ms=0)
        await sandbox.send(message("m-repeated", callback_url=receiver.url))
        await sandbox.control(repeat_receipts=0, lose_receipts=1)
        await sandbox.send(message("m-lost", callback_url=receiver.url))
        await no_callbacks_pending(sandbox)
        receipts = receiver.items("receipts")
        assert [(r["message_id"], r["state"]) for r in receipts] == [("m-repeated", "failed")] * 3
        assert (await sandbox.look_up("m-lost")).body["state"] == "failed"


async def test_chance_repeats_with_the_seed(sandbox: Sandbox) -> None:
    async def fates(seed: int) -> list[str]:
        await sandbox.call("DELETE", "/control/messages")
        await sandbox.control(seed=seed, fail_rate=0.5, receipt_delay_ms=0)
        await sandbox.send({"messages": [message(f"m-{n}") for n in range(100)]}, path=":batch")
        return [row["state"] for row in await sandbox.messages()]

    first, other, again = await fates(1), await fates(2), await fates(1)
    assert first == again != other
    assert 25 < first.count("failed") < 75


async def test_the_rate_limit_holds_and_the_window_measures_it(sandbox: Sandbox) -> None:
    await sandbox.control(rate_limit_per_s=5)
    answers = await asyncio.gather(*(sandbox.send(message(f"m-{n}")) for n in range(20)))
    refused = [answer for answer in answers if answer.status == 429]
    assert len(refused) == 15
    assert {answer.body["code"] for answer in refused} == {"RATE_LIMITED"}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert (await sandbox.send(message("m-0"), account="globex")).status == 200

    async def next_is_accepted() -> bool:
        return (await sandbox.send(message("m-later"))).status == 200

    await until(next_is_accepted)
    stats = await sandbox.stats()
    assert (stats["max_in_1s_window"], stats["windows_over_limit"]) == (5, 0)
    assert stats["refused"]["RATE_LIMITED"] >= 15


async def test_the_busiest_second_is_exact(sandbox: Sandbox) -> None:
    await sandbox.send({"messages": [message(f"m-{n}") for n in range(40)]}, path=":batch")
    stats = await sandbox.stats()
    assert (stats["max_in_1s_window"], stats["windows_over_limit"]) == (40, 0)
    limited = (await sandbox.call("GET", "/control/stats?limit=30")).body
    assert limited["windows_over_limit"] == 10


async def test_quota_and_maintenance(sandbox: Sandbox) -> None:
    await sandbox.control(quota=2)
    assert [(await sandbox.send(message(f"m-{n}"))).status for n in (0, 1, 2, 0)] == [200, 200, 402, 200]
    await sandbox.control(quota=None, refuse_rate=1)
    assert (await sandbox.send(message("m-3"))).body["code"] == "MAINTENANCE"
    await sandbox.control(refuse_rate=0.5)

    async def goes_through() -> bool:
        return (await sandbox.send(message("m-3"))).status == 200

    await until(goes_through)


async def test_a_reply_goes_to_whoever_wrote_last(sandbox: Sandbox) -> None:
    async with receiving(Receiver()) as receiver:
        await sandbox.send(message("m-1"))
        await sandbox.send(message("m-2", callback_url=receiver.url), account="globex")
        reply = json.dumps({"from": "+8613800138000", "text": "TD"}).encode()
        assert (await sandbox.call("POST", "/control/reply", reply)).status == 202
        unknown = json.dumps({"from": "+8613900139000", "text": "TD"}).encode()
        assert (await sandbox.call("POST", "/control/reply", unknown)).status == 404

        async def arrived() -> bool:
            return bool(receiver.items("replies"))

        await until(arrived)
        (answer,) = receiver.items("replies")
        assert (answer["from"], answer["text"]) == ("+8613800138000", "TD")
        assert {post["account"] for post in receiver.posts} == {"globex"}


async def test_control_is_kept_reset_and_checked(sandbox: Sandbox) -> None:
    await sandbox.control(latency_ms=1, timeout_after_accept=5)
    await sandbox.end(signal.SIGKILL)
    await sandbox.start()
    kept = (await sandbox.call("GET", "/control")).body
    assert (kept["latency_ms"], kept["timeout_after_accept"]) == (1, 0)
    assert (await sandbox.call("DELETE", "/control")).body["latency_ms"] == 0
    for wrong in ({"latency": 1}, {"fail_rate": 2}, {"rate_limit_per_s": 0}, {"quota": True}):
        assert (await sandbox.control(**wrong)).body["code"] == "CONTROL_INVALID"
    for probe in ("/livez", "/readyz"):
        assert (await sandbox.call("GET", probe)).status == 200


async def test_a_send_under_way_is_answered_when_told_to_stop(sandbox: Sandbox) -> None:
    await sandbox.control(latency_ms=300)
    sending = asyncio.create_task(sandbox.send(message("m-1")))
    done, _ = await asyncio.wait([sending], timeout=0.1)
    assert not done
    code, _ = await sandbox.end(signal.SIGTERM)
    assert code == 0
    assert (await sending).body["state"] == "accepted"
