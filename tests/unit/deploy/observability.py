"""Alert rules and dashboards as they are committed."""

import json
from collections.abc import Iterator
from typing import Any

import yaml

from tests.unit.deploy.manifests import ROOT

FOLDER = ROOT / "deploy" / "observability"


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for file in sorted((FOLDER / "rules").glob("*.yaml"))
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]


def expressions() -> Iterator[tuple[str, str]]:
    """(where, expression) of every alert and panel."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for file in sorted((FOLDER / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{file.stem}: {panel['title']}", target["expr"]
