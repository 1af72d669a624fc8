"""Every pod is one that the restricted Pod Security Standard takes, and that leaves without losing a call."""

import pytest

from tests.unit.deploy.manifests import (
    OVERLAYS,
    Manifest,
    containers,
    name_of,
    of_kind,
    of_waypost,
    service_of,
)


def _all(overlay: str) -> list[Manifest]:
    return of_kind(overlay, "Deployment", "Job", "StatefulSet")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_restricted(overlay: str) -> None:
    for manifest in _all(overlay):
        spec = manifest["spec"]["template"]["spec"]
        context = spec["securityContext"]
        assert context["runAsNonRoot"] is True
        assert (context["runAsUser"], context["runAsGroup"]) == (10001, 10001)
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        for container in containers(manifest):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "cpu" not in container["resources"]["limits"]
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
            assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_namespace_takes_no_other_pods(overlay: str) -> None:
    (namespace,) = of_kind(overlay, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_service_has_an_account_without_a_token(overlay: str) -> None:
    accounts = {name_of(m): m for m in of_kind(overlay, "ServiceAccount")}
    assert all(m["automountServiceAccountToken"] is False for m in accounts.values())
    for manifest in of_waypost(overlay, "Deployment", "Job"):
        assert manifest["spec"]["template"]["spec"]["serviceAccountName"] == f"{service_of(manifest)}-account"
    assert all(m["spec"]["template"]["spec"]["serviceAccountName"] in accounts for m in _all(overlay))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_ask_the_process_itself(overlay: str) -> None:
    for manifest in of_waypost(overlay, "Deployment"):
        (container,) = containers(manifest)
        asked = {
            kind: container[f"{kind}Probe"].get("grpc", container[f"{kind}Probe"].get("httpGet"))
            for kind in ("startup", "liveness", "readiness")
        }
        if service_of(manifest) == "gateway":
            live, ready = {"port": "http", "path": "/livez"}, {"port": "http", "path": "/readyz"}
        else:
            live, ready = {"port": 50051, "service": "liveness"}, {"port": 50051, "service": "readiness"}
        assert asked == {"startup": live, "liveness": live, "readiness": ready}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_rollout_takes_nobody_away_before_another_stands(overlay: str) -> None:
    for manifest in of_waypost(overlay, "Deployment"):
        assert manifest["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        (container,) = containers(manifest)
        assert container["lifecycle"]["preStop"] == {"sleep": {"seconds": 8}}
        # After SIGTERM: 4 s for callers, 20 s for batches in hand, 5 s each for calls, broker and database.
        assert manifest["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= 8 + 4 + 20 + 15


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_replicas_are_spread(overlay: str) -> None:
    for manifest in of_waypost(overlay, "Deployment"):
        spread = manifest["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert {(s["topologyKey"], s["whenUnsatisfiable"], s["maxSkew"]) for s in spread} == {
            ("topology.kubernetes.io/zone", "ScheduleAnyway", 1),
            ("kubernetes.io/hostname", "DoNotSchedule", 1),
        }
        assert all(s["matchLabelKeys"] == ["pod-template-hash"] for s in spread)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_rpc_and_work_are_deployments_of_their_own(overlay: str) -> None:
    roles = {name_of(m): next(containers(m))["args"] for m in of_waypost(overlay, "Deployment")}
    assert roles.pop("gateway-http") == ["serve"]
    assert len(roles) == 10
    assert all(args == ["serve", "--roles", name.split("-")[1]] for name, args in roles.items())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_grpc_door_is_headless_and_at_the_port_of_its_pods(overlay: str) -> None:
    ports = {name_of(m): next(containers(m))["ports"] for m in of_waypost(overlay, "Deployment")}
    for manifest in of_waypost(overlay, "Service"):
        if name_of(manifest) == "gateway-http":
            continue
        assert manifest["spec"]["clusterIP"] == "None"
        ((port,), (opened,)) = manifest["spec"]["ports"], ports[name_of(manifest)]
        assert (port["port"], port["targetPort"], port["appProtocol"]) == (
            opened["containerPort"],
            opened["name"],
            "kubernetes.io/h2c",
        )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_migration_ends(overlay: str) -> None:
    for manifest in of_kind(overlay, "Job"):
        assert manifest["spec"]["backoffLimit"] == 3
        assert manifest["spec"]["activeDeadlineSeconds"] > 0
        assert next(containers(manifest))["args"] == ["migrate"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_images_are_pinned(overlay: str) -> None:
    for manifest in _all(overlay):
        for container in containers(manifest):
            image = container["image"]
            _, _, tag = image.rpartition("/")[2].partition(":")
            assert "@sha256:" in image or (tag and tag != "latest"), f"{name_of(manifest)} runs {image}"
            assert container["imagePullPolicy"] == "IfNotPresent"
