"""deploy/first_secrets.py makes every Secret that the manifests mount or name, with the files that the settings name."""

from pathlib import Path

import pytest
from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.crypto import FileKeyProvider
from chassis.keyring import Keyring

from tests.unit.deploy.manifests import OVERLAYS, SERVICES, containers, of_kind, of_waypost
from tests.unit.deploy.test_settings import environment


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_mounted_file_is_made(overlay: str, made: dict[str, dict[str, str]]) -> None:
    for manifest in of_waypost(overlay, "Deployment", "Job"):
        (container,) = containers(manifest)
        volumes = {v["name"]: v for v in manifest["spec"]["template"]["spec"]["volumes"]}
        mounts = {m["mountPath"]: volumes[m["name"]] for m in container["volumeMounts"]}
        for name, value in environment(overlay, manifest).items():
            if name.endswith("_FILE"):
                path = Path(value)
                assert path.name in made[mounts[str(path.parent)]["secret"]["secretName"]]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_databases_are_opened_with_what_is_made(overlay: str, made: dict[str, dict[str, str]]) -> None:
    for service, spec in (
        (m["metadata"]["name"].split("-")[0], m["spec"]) for m in of_kind(overlay, "Cluster")
    ):
        first, (role,) = spec["bootstrap"]["initdb"], spec["managed"]["roles"]
        for user, name in (
            (first["owner"], first["secret"]["name"]),
            (role["name"], role["passwordSecret"]["name"]),
        ):
            content = made[name]
            assert content["username"] == user
            host = f"{service}-postgres-rw:5432/{first['database']}"
            assert content["url"] == f"postgresql://{user}:{content['password']}@{host}"


def test_the_services_take_what_is_made(made: dict[str, dict[str, str]], tmp_path: Path) -> None:
    ContextSigner(Keyring(bytes.fromhex(made["waypost-service-secret"]["secret"])), SystemClock())
    file = tmp_path / "keys.json"
    file.write_text(made["waypost-master-keys"]["keys.json"])
    file.chmod(0o600)
    FileKeyProvider(file)


def test_no_password_is_made_twice(made: dict[str, dict[str, str]]) -> None:
    passwords = [content["password"] for content in made.values() if "password" in content]
    assert len(set(passwords)) == 2 * len(SERVICES)
