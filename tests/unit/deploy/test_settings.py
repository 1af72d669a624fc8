"""What the manifests tell a process is what its settings read: no name that nobody reads, none that is missing."""

import importlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from chassis.crypto import FileKeyProvider
from chassis.settings import MigrateSettings, ServiceSettings
from opentelemetry.sdk import environment_variables as otel
from pydantic_settings import BaseSettings

from tests.unit.deploy.manifests import (
    OVERLAYS,
    SERVICES,
    Manifest,
    containers,
    name_of,
    of_kind,
    of_waypost,
    service_of,
)

SECRETS = re.compile(r"_(POSTGRES|MIGRATE)_URL$|_SECRET$|PASSWORD|TOKEN|CREDENTIALS$")
MOUNTED = 0o440
"""The mode of mounted secrets: they belong to root, so the service's group must be let in."""


def settings_of(service: str) -> type[ServiceSettings]:
    module = importlib.import_module(f"{service}_service.settings")
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value is not ServiceSettings
    )
    return found


def names(settings: type[BaseSettings], prefix: str) -> dict[str, bool]:
    """The environment variables that a settings class reads → whether it cannot do without."""
    return {
        str(field.validation_alias or f"{prefix}{name.upper()}"): field.is_required()
        for name, field in settings.model_fields.items()
    }


def read_by(manifest: Manifest) -> dict[str, bool]:
    """`names` of what the Deployment or Job runs."""
    service = service_of(manifest)
    settings = MigrateSettings if manifest["kind"] == "Job" else settings_of(service)
    return names(settings, f"{service.upper()}_")


def environment(overlay: str, manifest: Manifest) -> dict[str, str]:
    configs = {name_of(m): m["data"] for m in of_kind(overlay, "ConfigMap")}
    (container,) = containers(manifest)
    told: dict[str, str] = {}
    for source in container["envFrom"]:
        told |= configs[source["configMapRef"]["name"]]
    return told | {entry["name"]: entry.get("value", "") for entry in container.get("env", ())}


def without_file(name: str, known: Mapping[str, bool]) -> str:
    """A text setting X may come from the file that X_FILE names."""
    return name if name in known else name.removesuffix("_FILE")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_variable_is_read_by_somebody(overlay: str) -> None:
    for manifest in of_waypost(overlay, "Deployment", "Job"):
        known = read_by(manifest)
        told = environment(overlay, manifest)
        interpolated = {name for value in told.values() for name in re.findall(r"\$\((\w+)\)", value)}
        unread = {name for name in told if without_file(name, known) not in known}
        assert {name for name in unread - interpolated if not hasattr(otel, name)} == set(), name_of(manifest)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_required_setting_is_told(overlay: str) -> None:
    for manifest in of_waypost(overlay, "Deployment", "Job"):
        known = read_by(manifest)
        needed = {name for name, required in known.items() if required}
        if manifest["kind"] == "Deployment":
            needed |= {"WAYPOST_NATS_URL", "WAYPOST_NATS_CREDENTIALS_FILE"}
            if service_of(manifest) in ("gateway", "profile"):
                needed.add("WAYPOST_KEYS_FILE")
        assert needed <= {without_file(name, known) for name in environment(overlay, manifest)}, name_of(
            manifest
        )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_secret_is_a_value(overlay: str) -> None:
    for manifest in of_kind(overlay, "Deployment", "Job", "StatefulSet"):
        for container in containers(manifest):
            assert all("secretKeyRef" not in entry.get("valueFrom", {}) for entry in container.get("env", ()))
            assert all("secretRef" not in source for source in container.get("envFrom", ()))
    for manifest in of_waypost(overlay, "Deployment", "Job"):
        assert [name for name in environment(overlay, manifest) if SECRETS.search(name)] == []
    assert all(manifest["kind"] != "Secret" for manifest in of_kind(overlay, "ConfigMap", "Secret"))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_file_that_is_named_is_mounted(overlay: str) -> None:
    for manifest in of_waypost(overlay, "Deployment", "Job"):
        (container,) = containers(manifest)
        volumes = {v["name"]: v for v in manifest["spec"]["template"]["spec"]["volumes"]}
        mounts = {m["mountPath"]: volumes[m["name"]] for m in container["volumeMounts"]}
        for name, value in environment(overlay, manifest).items():
            if name.endswith("_FILE"):
                assert mounts[str(Path(value).parent)]["secret"]["defaultMode"] == MOUNTED, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_those_who_may_have_the_keys_and_the_owner(overlay: str) -> None:
    holders: dict[str, set[str]] = {}
    for manifest in of_waypost(overlay, "Deployment", "Job"):
        for volume in manifest["spec"]["template"]["spec"]["volumes"]:
            if "secret" in volume:
                holders.setdefault(volume["secret"]["secretName"], set()).add(name_of(manifest))
    assert holders["waypost-master-keys"] == {"gateway-http", "profile-rpc", "profile-work"}
    for service in SERVICES:
        assert holders[f"{service}-database-owner"] == {f"{service}-migrate"}
        servers = {name_of(m) for m in of_waypost(overlay, "Deployment") if service_of(m) == service}
        assert holders[f"{service}-database"] == holders[f"{service}-nats"] == servers
    everybody = {name_of(m) for m in of_waypost(overlay, "Deployment")}
    assert holders["waypost-service-secret"] == everybody


@pytest.mark.parametrize("service", SERVICES)
def test_a_migration_needs_what_its_job_is_told_and_no_more(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in os.environ:
        if name.startswith(("WAYPOST_", service.upper())):
            monkeypatch.delenv(name)
    (job,) = (m for m in of_kind("prod", "Job") if service_of(m) == service)
    ((name, path),) = environment("prod", job).items()
    assert path == "/run/secrets/database-owner/url"
    file = tmp_path / "url"
    file.write_text("postgresql://owner\n")
    monkeypatch.setenv(name, str(file))
    assert MigrateSettings.of(service).migrate_url == "postgresql://owner"


def test_a_mounted_key_file_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text('{"active": "k1", "keys": {"k1": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}')
    file.chmod(MOUNTED)
    FileKeyProvider(file)
