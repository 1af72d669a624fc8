"""Rules and dashboards are those of their tables, and Prometheus would take them."""

import runpy
import sys

import promql_parser
import pytest

from tests.unit.deploy.manifests import containers, of_kind, of_waypost
from tests.unit.deploy.observability import FOLDER, expressions, rules
from tests.unit.deploy.promql import selectors

GOLDEN = {
    "waypost_http_seconds",
    "waypost_rpc_server_seconds",
    "waypost_batch_seconds",
    "waypost_pool_in_use",
    "waypost_event_loop_lag_seconds",
    "waypost_outbox_oldest_seconds",
    "waypost_consumer_pending_messages",
}


def test_what_is_committed_was_made_from_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    made = runpy.run_path(str(FOLDER / "generate.py"))["files"]()
    committed = {
        str(file.relative_to(FOLDER)): file.read_text()
        for folder in ("rules", "dashboards")
        for file in (FOLDER / folder).iterdir()
    }
    assert made == committed, "run python deploy/observability/generate.py"


def test_every_rule_is_whole() -> None:
    for rule in rules():
        assert rule.keys() - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() == {"summary", "summary_zh"}
        assert "for" not in rule or promql_parser.parse_duration(rule["for"])
    named = [(rule["alert"], rule["labels"].get("window")) for rule in rules()]
    assert len(set(named)) == len(named)


def test_a_promise_burns_over_two_windows_and_only_with_traffic() -> None:
    burning = [rule for rule in rules() if "slo" in rule["labels"]]
    assert {rule["labels"]["window"] for rule in burning} == {"1h", "6h", "3d"}
    for rule in burning:
        long, short, enough = rule["expr"].split("\nand ")
        assert f"[{rule['labels']['window']}]" in long
        assert short != long
        assert long.partition(" > ")[2] == short.partition(" > ")[2]
        assert int(enough.rpartition(" > ")[2]) >= 100


def test_every_expression_parses_and_golden_signals_are_looked_at() -> None:
    asked = {name for _, expression in expressions() for name, _ in selectors(expression)}
    assert {name for name in GOLDEN if not any(one.startswith(name) for one in asked)} == set()


def test_a_misspelt_expression_would_be_noticed() -> None:
    with pytest.raises(ValueError):
        list(selectors("sum by (service) (rate(waypost_http_seconds_count[5m])"))


def test_every_server_is_scraped_where_it_listens() -> None:
    for manifest in of_waypost("prod", "Deployment"):
        annotations = manifest["spec"]["template"]["metadata"]["annotations"]
        (container,) = containers(manifest)
        told = {entry["name"]: entry.get("value") for entry in container["env"]}
        assert told["WAYPOST_METRICS_LISTEN"] == f"0.0.0.0:{annotations['prometheus.io/port']}"
    mounted = {name for m in of_kind("prod", "ConfigMap") for name in m["data"]}
    written = {file.name for folder in ("rules", "dashboards") for file in (FOLDER / folder).iterdir()}
    assert written <= mounted
