"""The engines keep what the services rely on: every write synced, streams on three brokers, a database each."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from chassis.bus import PARTITIONS

from tests.unit.deploy.manifests import OVERLAYS, SERVICES, Manifest, name_of, of_kind, of_waypost
from tests.unit.deploy.test_settings import environment


def nats_conf(overlay: str) -> str:
    return broker_files(overlay, {"waypost-nats-users": {"users.conf": ""}})["nats.conf"]


def broker_files(overlay: str, made: dict[str, dict[str, str]]) -> dict[str, str]:
    """Path below the brokers' folder of settings → content."""
    configs = {name_of(m): m["data"] for m in of_kind(overlay, "ConfigMap")}
    (broker,) = of_kind(overlay, "StatefulSet")
    volumes = {v["name"]: v for v in broker["spec"]["template"]["spec"]["volumes"]}
    files: dict[str, str] = {}
    for source in volumes["config"]["projected"]["sources"]:
        if "configMap" in source:
            files |= configs[source["configMap"]["name"]]
        else:
            secret = made[source["secret"]["name"]]
            files |= {item["path"]: secret[item["key"]] for item in source["secret"]["items"]}
    return files


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_broker_takes_its_configuration(
    overlay: str, tmp_path: Path, made: dict[str, dict[str, str]]
) -> None:
    file = tmp_path / "nats.conf"
    for path, content in broker_files(overlay, made).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    server = Path(sys.executable).parent / "nats-server"
    done = subprocess.run(
        [server, "-t", "-c", file],
        env={**os.environ, "POD_NAME": "nats-0"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_broker_syncs_every_write(overlay: str) -> None:
    assert re.search(r"^  sync_interval: always$", nats_conf(overlay), re.MULTILINE)


def test_there_are_three_brokers_that_know_each_other() -> None:
    (broker,) = of_kind("prod", "StatefulSet")
    assert broker["spec"]["replicas"] == 3
    routes = re.findall(r"nats://(\S+):6222", nats_conf("prod"))
    assert routes == [f"nats-{number}.{broker['spec']['serviceName']}" for number in range(3)]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_streams_are_on_every_broker(overlay: str) -> None:
    (broker,) = of_kind(overlay, "StatefulSet")
    for manifest in of_waypost(overlay, "Deployment"):
        assert environment(overlay, manifest)["WAYPOST_NATS_REPLICAS"] == str(broker["spec"]["replicas"])


def test_there_is_a_worker_for_each_partition_at_most() -> None:
    assert {m["spec"]["maxReplicaCount"] for m in of_kind("prod", "ScaledObject")} == {PARTITIONS}


def _clusters(overlay: str) -> dict[str, Manifest]:
    return {name_of(m): m["spec"] for m in of_kind(overlay, "Cluster")}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_service_has_a_database_with_an_owner_and_an_application_role(overlay: str) -> None:
    clusters = _clusters(overlay)
    assert set(clusters) == {f"{service}-postgres" for service in SERVICES}
    for service in SERVICES:
        spec = clusters[f"{service}-postgres"]
        first = spec["bootstrap"]["initdb"]
        assert (first["owner"], first["secret"]["name"]) == (f"{service}_owner", f"{service}-database-owner")
        (role,) = spec["managed"]["roles"]
        assert role == {
            "name": f"{service}_app",
            "login": True,
            "passwordSecret": {"name": f"{service}-database"},
        }


def test_a_commit_is_on_two_instances() -> None:
    for spec in _clusters("prod").values():
        assert spec["instances"] == 3
        assert spec["postgresql"]["synchronous"] == {
            "method": "any",
            "number": 1,
            "dataDurability": "required",
            "failoverQuorum": True,
        }
