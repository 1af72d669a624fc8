"""A followed event is found whole by its trace id, from the call that brought it to the provider's answer."""

import secrets
from typing import Any

import aiohttp
from waypost_dev.stack import Stack

from tests.e2e.collector import Collector, Span
from tests.e2e.conftest import client_of
from tests.e2e.test_spine import WELCOME, publish
from tests.waiting import until

PEOPLE = 50
WAY = [
    ("dispatch", "call sms"),
    ("dispatch", "process SEND record"),
    ("journey", "process PROFILE record"),
    ("profile", "process INGEST record"),
    ("gateway", "POST /v1/batch"),
]


def calls(run: str) -> list[dict[str, Any]]:
    """Everybody says who they are, looks at something, and does what starts the journey."""
    found: list[dict[str, Any]] = []
    for n in range(PEOPLE):
        user = f"traced-{run}-{n}"
        found += [
            {"type": "identify", "userId": user, "traits": {"phone": f"139{n:08d}", "name": "萱萱"}},
            {"type": "page", "userId": user, "name": "Home"},
            {"type": "track", "userId": user, "event": "Traced", "properties": {"nonce": run}},
        ]
    return found


async def post(stack: Stack, batch: list[dict[str, Any]], traceparent: str) -> None:
    key = aiohttp.encode_basic_auth(stack.env["WAYPOST_WRITE_KEY"], "")
    headers = {"Authorization": key, "traceparent": traceparent}
    async with (
        aiohttp.ClientSession(stack.url, headers=headers) as session,
        session.post("/v1/batch", json={"batch": batch}) as answer,
    ):
        assert (await answer.json())["accepted"] == len(batch)


async def test_every_followed_event_is_found_from_the_call_to_the_provider(
    stack: Stack, collector: Collector
) -> None:
    trace_id, own, run = secrets.token_hex(16), secrets.token_hex(8), secrets.token_hex(4)
    async with client_of(stack) as client:
        await publish(client, {**WELCOME, "entries": [{"kind": "event", "event": "Traced"}]}, "traced")
    await post(stack, calls(run), f"00-{trace_id}-{own}-01")

    def ways() -> list[list[Span]]:
        """What each provider call hangs below."""
        sent = [span for span in collector.of_trace(trace_id) if span.name == "call sms"]
        return [collector.ancestry(span) for span in sent]

    async def arrived() -> bool:
        return len(ways()) >= PEOPLE and {len(line) for line in ways()} == {len(WAY)}

    await until(arrived, seconds=60)
    lines = ways()
    assert len({line[0].attributes["waypost.message_id"] for line in lines}) == PEOPLE
    assert {line[0].attributes["waypost.outcome"] for line in lines} == {"taken"}
    for line in lines:
        assert [(span.service, span.name) for span in line] == WAY
        assert {span.trace_id for span in line} == {trace_id}
        assert line[-1].parent_id == own
    # One line for each event: nobody shares the span of another's record.
    assert len({line[3].span_id for line in lines}) == PEOPLE
    for span in (line[n] for line in lines for n in (1, 2, 3)):
        (batch,) = (collector.spans[one] for one in span.links)
        assert batch.trace_id != trace_id
        assert batch.attributes["messaging.batch.message_count"] >= len(batch.links) > 0

    # What was asked for a whole batch hangs in the batch's own trace.
    async def asked() -> bool:
        claims = [span for span in collector.spans.values() if span.name == "claim messages"]
        found = {(s.service, s.name) for claim in claims for s in collector.of_trace(claim.trace_id)}
        name = "waypost.profile.v1.BatchGetContacts"
        return {("dispatch", name), ("profile", name)} <= found

    await until(asked, seconds=10)


async def test_a_wait_is_followed_past_its_timer_and_a_call_into_the_service_that_answers(
    stack: Stack, collector: Collector
) -> None:
    trace_id, run = secrets.token_hex(16), secrets.token_hex(4)
    followed = f"00-{trace_id}-{secrets.token_hex(8)}-01"
    nodes = {"idle": {"kind": "wait", "for": "1s", "next": {"done": "greet"}}, **WELCOME["nodes"]}
    entry = {"kind": "event", "event": f"Waited {run}"}
    async with client_of(stack) as client:
        await publish(client, {**WELCOME, "entries": [entry], "start": "idle", "nodes": nodes}, run)
    person = {"userId": f"waiting-{run}", "traits": {"phone": "13900001111"}}
    event = {"type": "track", "userId": person["userId"], "event": f"Waited {run}"}
    await post(stack, [{"type": "identify", **person}, event], followed)
    headers = {"Authorization": f"Bearer {stack.env['WAYPOST_SECRET_KEY']}", "traceparent": followed}
    async with (
        aiohttp.ClientSession(stack.url, headers=headers) as session,
        session.get("/v1/journeys", params={"page_size": 1}) as answer,
    ):
        assert answer.status == 200

    def line(service: str, name: str) -> list[tuple[str, str]]:
        last = [s for s in collector.of_trace(trace_id) if (s.service, s.name) == (service, name)]
        return [(span.service, span.name) for one in last[:1] for span in collector.ancestry(one)]

    listing = "waypost.journey.v1.ListJourneys"
    asked = [("journey", listing), ("gateway", listing), ("gateway", "GET /v1/journeys")]

    async def arrived() -> bool:
        way = [*WAY[:2], ("journey", "fire timers record"), *WAY[2:]]
        return line("dispatch", "call sms") == way and line("journey", listing) == asked

    await until(arrived, seconds=60)


async def test_what_nobody_follows_leaves_no_span_and_no_span_holds_a_person(
    stack: Stack, collector: Collector
) -> None:
    quiet, loud, run = secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(4)
    person = {"type": "identify", "userId": f"seen-{run}", "traits": {"phone": "13912345678", "name": "萱萱"}}
    await post(stack, [person], f"00-{quiet}-{secrets.token_hex(8)}-00")
    await post(stack, [{**person, "messageId": run}], f"00-{loud}-{secrets.token_hex(8)}-01")

    async def arrived() -> bool:
        return {"profile", "journey", "segment", "scoring"} <= {s.service for s in collector.of_trace(loud)}

    await until(arrived, seconds=30)
    assert collector.of_trace(quiet) == []
    written = repr(collector.spans)
    for personal in ("13912345678", "1390000", "萱萱", f"seen-{run}", "traced-"):
        assert personal not in written
