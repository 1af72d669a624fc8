"""Selectors select the pods they are meant for, and never those of a migration: a Service would send calls to a Job,
and a disruption budget that counts a Job's pods stops every node drain."""

import pytest

from tests.unit.deploy.manifests import OVERLAYS, name_of, of_kind, pods, selected

SERVERS = {
    "gateway-http": {"gateway-http"},
    **{
        f"{service}-{role}": {f"{service}-{role}"}
        for service in ("profile", "segment", "journey", "scoring", "dispatch")
        for role in ("rpc", "work")
    },
}
ENGINES = {
    "nats": {"nats"},
    "nats-peers": {"nats"},
    "otel-collector": {"otel-collector"},
    "sandbox": {"sandbox"},
}
MIGRATIONS = {
    f"{service}-migrate" for service in ("gateway", "profile", "segment", "journey", "scoring", "dispatch")
}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_service_selects_its_servers_alone(overlay: str) -> None:
    doors = {
        name_of(m): selected(overlay, {"matchLabels": m["spec"]["selector"]})
        for m in of_kind(overlay, "Service")
    }
    assert doors == {name: meant for name, meant in (SERVERS | ENGINES).items() if name in doors}
    assert {name for name in SERVERS if not name.endswith("-work")} <= set(doors)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_disruption_budget_counts_its_servers_alone(overlay: str) -> None:
    budgets = {
        name_of(m): selected(overlay, m["spec"]["selector"]) for m in of_kind(overlay, "PodDisruptionBudget")
    }
    assert budgets == {name: meant for name, meant in (SERVERS | ENGINES).items() if name in budgets}
    assert set(SERVERS) <= set(budgets)
    assert all(m["spec"]["maxUnavailable"] == 1 for m in of_kind(overlay, "PodDisruptionBudget"))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_deployment_selects_its_own_pods(overlay: str) -> None:
    for manifest in of_kind(overlay, "Deployment", "StatefulSet"):
        assert selected(overlay, manifest["spec"]["selector"]) == {name_of(manifest)}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_service_has_a_migration(overlay: str) -> None:
    assert set(pods(overlay)) >= MIGRATIONS


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_autoscaler_is_alone_with_its_deployment(overlay: str) -> None:
    targets = [
        m["spec"]["scaleTargetRef"]["name"]
        for m in of_kind(overlay, "HorizontalPodAutoscaler")
        + ([] if overlay == "dev" else of_kind(overlay, "ScaledObject"))
    ]
    assert len(targets) == len(set(targets))
    assert set(targets) == (set(SERVERS) if overlay == "prod" else {n for n in SERVERS if "-work" not in n})
    for manifest in of_kind(overlay, "Deployment"):
        if name_of(manifest) in targets:
            assert "replicas" not in manifest["spec"], "applying it would undo the autoscaler"


def test_workers_stay_within_the_partitions_and_are_never_alone() -> None:
    for manifest in of_kind("prod", "ScaledObject"):
        service = name_of(manifest).removesuffix("-work")
        assert (manifest["spec"]["minReplicaCount"], manifest["spec"]["maxReplicaCount"]) == (2, 16)
        assert (
            f'consumer_name=~"{service}-(live|bulk)-' in manifest["spec"]["triggers"][0]["metadata"]["query"]
        )
