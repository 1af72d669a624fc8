"""What the platform tells Prometheus: everything that rules and dashboards ask for, figures that are right, and nobody."""

import re
import secrets
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from waypost_dev import names
from waypost_dev.errors import DevError
from waypost_dev.observing.live import observe
from waypost_dev.observing.reading import Reading, read
from waypost_dev.stack import Stack

from tests.e2e.conftest import client_of
from tests.e2e.test_spine import WELCOME, publish
from tests.scenario import settle
from tests.unit.deploy.observability import expressions
from tests.unit.deploy.promql import selectors
from tests.waiting import until

ENDINGS = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",), "gauge": ("",)}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|^[0-9]{6,}$")


def addresses(stack: Stack) -> dict[str, str]:
    return {name: stack.environment.address(names.metrics_of(name)) for name in names.WITH_DATABASE}


async def texts(stack: Stack) -> dict[str, str]:
    async with aiohttp.ClientSession() as session:
        found = {}
        for name, address in addresses(stack).items():
            async with session.get(f"http://{address}/metrics") as answer:
                found[name] = await answer.text()
    return found


async def test_all_that_rules_and_dashboards_ask_for_is_exported(stack: Stack) -> None:
    async with client_of(stack) as client:
        await client.ingest([{"type": "track", "userId": "metrics-1", "event": "Counted"}])
    exported: dict[str, list[dict[str, str]]] = {}
    for service, text in (await texts(stack)).items():
        for family in text_string_to_metric_families(text):
            for ending in ENDINGS[family.type]:
                exported.setdefault(f"{family.name}{ending}", [])
            for sample in family.samples:
                exported[sample.name].append(sample.labels)
                assert sample.labels["service"] == service
                assert not any(ID.search(value) for key, value in sample.labels.items() if key != "le")
    asked = [(where, name, equal) for where, text in expressions() for name, equal in selectors(text)]
    missing = {(where, name) for where, name, _ in asked if name not in exported}
    assert missing == set()
    for where, name, equal in asked:
        known = exported[name]
        for label, value in equal.items():
            values = {labels.get(label) for labels in known}
            assert not known or values != {None}, f"{where}: {name} has no {label}"
            # A bound that no bucket has would select nothing, for ever.
            assert not known or label != "le" or value in values, f"{where}: {name} has no bucket {value}"


async def test_each_service_shows_its_golden_signals(stack: Stack) -> None:
    found = await read(addresses(stack))
    assert found.keys() == set(names.WITH_DATABASE)
    for service, reading in found.items():
        assert reading.total("waypost_ready") == 1, service
        assert reading.total("waypost_broker_connected") == 1, service
        assert reading.total("waypost_pool_size") >= 1, service
        assert reading.total("waypost_event_loop_lag_seconds_count") > 0, service
        assert reading.total("process_cpu_seconds_total") > 0, service
        if service != "gateway":
            assert "waypost_outbox_oldest_seconds" in reading.samples, service
            assert reading.total("waypost_stream_unsafe") == 0, service


async def test_the_figures_count_what_happened(stack: Stack) -> None:
    run = secrets.token_hex(4)
    person = {"userId": f"metrics-{run}", "traits": {"phone": "13700002222"}}
    async with client_of(stack) as client:
        await publish(client, {**WELCOME, "entries": [{"kind": "event", "event": f"Counted {run}"}]}, run)
        await settle(stack, client, seconds=60)
        before = await read(addresses(stack))
        await client.ingest(
            [
                {"type": "identify", **person},
                {"type": "track", "userId": person["userId"], "event": f"Counted {run}"},
                {"type": "dance", "userId": person["userId"]},
            ]
        )

    async def grown() -> dict[str, float]:
        after = await read(addresses(stack))

        def more(service: str, name: str, **labels: str) -> float:
            then: Reading = before[service]
            return after[service].total(name, **labels) - then.total(name, **labels)

        return {
            "accepted": more("gateway", "waypost_ingest_accepted_total", lane="live"),
            "rejected": more("gateway", "waypost_ingest_rejected_total", reason="event_type_unknown"),
            "answered": more("gateway", "waypost_http_seconds_count", route="/v1/batch", status="2xx"),
            "handled": more("profile", "waypost_records_handled_total", stream="INGEST"),
            "stored": more("profile", "waypost_profile_events_total"),
            "entered": more("journey", "waypost_journey_runs_entered_total"),
            "called": more("dispatch", "waypost_provider_call_seconds_count", outcome="taken"),
            "slots": more("dispatch", "waypost_limiter_slots_total", outcome="taken"),
            "sent": more("journey", "waypost_accepted_to_sent_seconds_count"),
            "in time": more("journey", "waypost_accepted_to_sent_seconds_bucket", le="900.0"),
            "asked": more("profile", "waypost_rpc_server_seconds_count", code="OK"),
        }

    # A batch or a claim may be done again; what is counted once is counted once.
    meant = {**dict.fromkeys(await grown(), 1), "accepted": 2, "handled": 2}
    exact = ("accepted", "rejected", "answered", "entered", "sent", "in time")

    async def counted() -> bool:
        return all(value >= meant[name] for name, value in (await grown()).items())

    await until(counted, seconds=30)
    found = await grown()
    assert {name: found[name] for name in exact} == {name: meant[name] for name in exact}


async def test_observe_shows_every_service_in_two_languages(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = {}
    for lang in ("en", "zh"):
        await observe(stack.home, once=True, lang=lang)
        shown[lang] = capsys.readouterr().out
    for word, lang in (("Streams", "en"), ("timers late", "en"), ("消息流", "zh"), ("定时器延迟", "zh")):
        assert word in shown[lang]
    for service in names.WITH_DATABASE:
        assert re.search(rf"^{service} +ready", shown["en"], re.MULTILINE)
        assert re.search(rf"^{service} +就绪", shown["zh"], re.MULTILINE)


async def test_observe_says_when_nothing_runs(tmp_path: Path) -> None:
    with pytest.raises(DevError, match="make up"):
        await observe(tmp_path, once=True, lang="en")
