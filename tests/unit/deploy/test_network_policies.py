"""The network lets through what design.md ("Who may call whom") allows, and nothing else.

Two pods can talk when an egress rule of the one and an ingress rule of the other agree, so who reaches whom at which
port is worked out from either side, and both are compared with the table below.
"""

from typing import Any

import pytest

from tests.unit.deploy.manifests import (
    OVERLAYS,
    SERVICES,
    Manifest,
    containers,
    matches,
    name_of,
    of_kind,
    of_waypost,
    pods,
    selected,
    service_of,
)

CALLS = {
    "gateway": {"profile", "segment", "journey", "scoring", "dispatch"},
    "journey": {"segment", "scoring", "dispatch"},
    "dispatch": {"profile", "journey", "scoring"},
}
GRPC, POSTGRES, NATS, OTLP = 50051, 5432, 4222, 4318
Flow = tuple[str, str, int]


def servers(service: str) -> set[str]:
    return {"gateway-http"} if service == "gateway" else {f"{service}-rpc", f"{service}-work"}


def meant(overlay: str) -> set[Flow]:
    exists = pods(overlay)
    everyone = {pod for service in SERVICES for pod in servers(service)}
    flows = {
        (caller, f"{callee}-rpc", GRPC)
        for service, callees in CALLS.items()
        for caller in servers(service)
        for callee in callees
    }
    flows |= {
        (pod, f"{service}-postgres", POSTGRES)
        for service in SERVICES
        for pod in (*servers(service), f"{service}-migrate")
    }
    flows |= {(pod, "nats", NATS) for pod in everyone}
    flows |= {(pod, "otel-collector", OTLP) for pod in everyone if "otel-collector" in exists}
    flows |= {("nats", "nats", 6222)}
    if "sandbox" in exists:
        flows |= {("dispatch-work", "sandbox", 8090), ("sandbox", "gateway-http", 8080)}
    # A database talks to its own replicas alone.
    clusters = [name for name in exists if name.endswith("-postgres")]
    flows |= {(name, name, port) for name in clusters for port in (POSTGRES, 8000)}
    return flows


def _ports(rule: Manifest) -> set[int]:
    return {port["port"] for port in rule["ports"] if port["protocol"] == "TCP"}


def _one_way(overlay: str, direction: str, peers: str) -> set[Flow]:
    """(pod that the policy is about, pod at the other end, port)."""
    exists = pods(overlay)
    allowed: set[Flow] = set()
    for policy in of_kind(overlay, "NetworkPolicy"):
        about = selected(overlay, policy["spec"]["podSelector"])
        for rule in policy["spec"].get(direction, ()):
            ends: set[str] = set()
            for peer in rule.get(peers, ()):
                if "podSelector" in peer and "namespaceSelector" not in peer:
                    ends |= {name for name, pod in exists.items() if matches(peer["podSelector"], pod.labels)}
            allowed |= {(pod, end, port) for pod in about for end in ends for port in _ports(rule)}
    return allowed


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_network_is_the_call_graph(overlay: str) -> None:
    assert _one_way(overlay, "egress", "to") == meant(overlay)
    assert {(end, pod, port) for pod, end, port in _one_way(overlay, "ingress", "from")} == meant(overlay)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_else_is_denied(overlay: str) -> None:
    policies = {name_of(m): m["spec"] for m in of_kind(overlay, "NetworkPolicy")}
    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, spec in policies.items():
        assert {"Ingress": "ingress", "Egress": "egress"}.keys() >= set(spec["policyTypes"]), name
        for kind, rules in (("Ingress", "ingress"), ("Egress", "egress")):
            assert rules not in spec or kind in spec["policyTypes"], (
                f"{name} has {rules} rules that count for nothing"
            )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_dispatch_reaches_the_internet(overlay: str) -> None:
    outside: dict[str, Any] = {}
    for policy in of_kind(overlay, "NetworkPolicy"):
        for rule in policy["spec"].get("egress", ()):
            blocks = [peer["ipBlock"] for peer in rule.get("to", ()) if "ipBlock" in peer]
            if blocks:
                assert selected(overlay, policy["spec"]["podSelector"]) == {"dispatch-work"}
                assert _ports(rule) == {443, 465, 587}
                outside |= {block["cidr"]: set(block["except"]) for block in blocks}
            elif "to" not in rule:
                # Open to every address: the API server's is not known. Databases alone need it.
                reached = selected(overlay, policy["spec"]["podSelector"])
                assert reached == {f"{service}-postgres" for service in SERVICES}
    private = {
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
    }
    assert set(outside) == {"0.0.0.0/0", "2000::/3"}
    assert private <= outside["0.0.0.0/0"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_service_is_told_the_peers_it_may_call(overlay: str) -> None:
    configs = {name_of(m): m["data"] for m in of_kind(overlay, "ConfigMap")}
    for manifest in of_waypost(overlay, "Deployment"):
        (container,) = containers(manifest)
        told = configs[container["envFrom"][0]["configMapRef"]["name"]].get("WAYPOST_PEERS", "")
        peers = dict(pair.split("=") for pair in told.split(",") if pair)
        assert peers == {name: f"{name}-rpc:{GRPC}" for name in CALLS.get(service_of(manifest), ())}
