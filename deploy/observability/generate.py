"""Writes rules/ and dashboards/ from the tables beside this file: `python deploy/observability/generate.py`."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from alerts import ALERTS
from panels import DASHBOARDS, Dashboard, Panel
from slos import BURNS, SLOS, Burn, Slo

HERE = Path(__file__).parent
GENERATED = "# Made by generate.py from the tables beside it.\n"
WIDTH, HEIGHT, ACROSS = 12, 8, 2


class _Dumper(yaml.SafeDumper):
    """Expressions of several lines stay several lines."""


def files() -> dict[str, str]:
    """Path below this folder → content."""
    slo = [_burning(one, burn) for one in SLOS for burn in BURNS]
    alerts = [
        _rule(one.name, one.expr, one.wait, one.severity, {"summary": one.en, "summary_zh": one.zh})
        for one in ALERTS
    ]
    return {
        "rules/slo.yaml": _rules("waypost-slo", slo),
        "rules/alerts.yaml": _rules("waypost-alerts", alerts),
        **{
            f"dashboards/{one.uid.removeprefix('waypost-')}.json": json.dumps(
                _dashboard(one), indent=1, ensure_ascii=False
            )
            + "\n"
            for one in DASHBOARDS
        },
    }


def _burning(slo: Slo, burn: Burn) -> dict[str, Any]:
    allowed = round(burn.factor * (1 - slo.objective), 6)

    def spent(window: str) -> str:
        return f"{_over(slo.bad, window)} / {_over(slo.total, window)} > {allowed}"

    enough = f"{_over(slo.total, burn.long)} * {burn.seconds} > {slo.least}"
    rule = _rule(
        f"{slo.name}Burning",
        f"{spent(burn.long)}\nand {spent(burn.short)}\nand {enough}",
        "",
        burn.severity,
        {
            "summary": f"{slo.en}: {burn.factor:g} times what {slo.objective:.1%} of 30 days allow, for {burn.long}",
            "summary_zh": f"{slo.zh}:{burn.long} 内为 30 天 {slo.objective:.1%} 目标允许值的 {burn.factor:g} 倍",
        },
    )
    rule["labels"] |= {"slo": slo.name, "window": burn.long}
    return rule


def _over(rate: str, window: str) -> str:
    return rate.replace("$w", window)


def _rule(name: str, expr: str, wait: str, severity: str, annotations: dict[str, str]) -> dict[str, Any]:
    return {
        "alert": f"Waypost{name}",
        "expr": expr,
        **({"for": wait} if wait else {}),
        "labels": {"severity": severity},
        "annotations": annotations,
    }


def _rules(group: str, rules: list[dict[str, Any]]) -> str:
    content = {"groups": [{"name": group, "rules": rules}]}
    return GENERATED + yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _dashboard(one: Dashboard) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${datasource}"}
    variables: list[dict[str, Any]] = [
        {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
        {
            "name": "service",
            "type": "query",
            "datasource": source,
            "query": "label_values(waypost_ready, service)",
            "includeAll": True,
            "multi": True,
            "refresh": 2,
            "label": "service",
        },
    ]
    return {
        "uid": one.uid,
        "title": f"{one.en} · {one.zh}",
        "tags": ["waypost"],
        "timezone": "browser",
        "schemaVersion": 41,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": variables},
        "panels": [_panel(place, panel, source) for place, panel in enumerate(one.panels)],
    }


def _panel(place: int, panel: Panel, source: dict[str, str]) -> dict[str, Any]:
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": f"{panel.en} · {panel.zh}",
        "datasource": source,
        "gridPos": {"x": place % ACROSS * WIDTH, "y": place // ACROSS * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": source, "expr": expr, "legendFormat": legend}
            for n, (expr, legend) in enumerate(panel.asked)
        ],
    }


def main() -> int:
    for path, content in files().items():
        (HERE / path).write_text(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
