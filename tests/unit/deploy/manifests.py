"""What the overlays build, as plain objects, and which pods a selector selects."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
K8S = ROOT / "deploy" / "k8s"
OVERLAYS = ("dev", "prod")
SERVICES = ("gateway", "profile", "segment", "journey", "scoring", "dispatch")
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"

Manifest = dict[str, Any]
Selector = Mapping[str, Any]


@dataclass(frozen=True)
class Pods:
    """The pods that one Deployment, Job, StatefulSet or Cluster makes."""

    owner: str
    labels: Mapping[str, str]
    spec: Manifest


@cache
def build(overlay: str) -> tuple[Manifest, ...]:
    kubectl = Path(sys.executable).with_name("kubectl")
    done = subprocess.run(
        [str(kubectl), "kustomize", str(K8S / "overlays" / overlay)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return tuple(yaml.load_all(done.stdout, yaml.CSafeLoader))


def of_kind(overlay: str, *kinds: str) -> list[Manifest]:
    found = [manifest for manifest in build(overlay) if manifest["kind"] in kinds]
    assert found, f"overlay {overlay} has no {' or '.join(kinds)}"
    return found


def name_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"])


def service_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["labels"][NAME])


def of_waypost(overlay: str, *kinds: str) -> list[Manifest]:
    """Those of our own six services, not of the engines."""
    return [m for m in of_kind(overlay, *kinds) if m["metadata"].get("labels", {}).get(NAME) in SERVICES]


def pods(overlay: str) -> dict[str, Pods]:
    """Every kind of pod that can exist, by its owner's name; those of a database cluster are made by its operator."""
    made = {
        name_of(m): Pods(
            name_of(m), m["spec"]["template"]["metadata"]["labels"], m["spec"]["template"]["spec"]
        )
        for m in of_kind(overlay, "Deployment", "Job", "StatefulSet")
    }
    clusters = (name_of(m) for m in of_kind(overlay, "Cluster"))
    return made | {name: Pods(name, {"cnpg.io/cluster": name}, {}) for name in clusters}


def selected(overlay: str, selector: Selector) -> frozenset[str]:
    """The owners of the pods that a label selector selects."""
    return frozenset(owner for owner, pod in pods(overlay).items() if matches(selector, pod.labels))


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    plain: Iterable[tuple[str, str]] = selector.get("matchLabels", {}).items()
    return all(labels.get(key) == value for key, value in plain) and all(
        _holds(rule, labels) for rule in selector.get("matchExpressions", ())
    )


def _holds(rule: Manifest, labels: Mapping[str, str]) -> bool:
    match rule["operator"]:
        case "In":
            return labels.get(rule["key"]) in rule["values"]
        case "Exists":
            return rule["key"] in labels
    raise AssertionError(f"no manifest uses {rule['operator']} yet")


def containers(manifest: Manifest) -> Iterator[Manifest]:
    spec = manifest["spec"]["template"]["spec"]
    yield from (*spec.get("initContainers", ()), *spec["containers"])
