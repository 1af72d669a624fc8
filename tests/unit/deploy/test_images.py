"""A service's image holds the service and what it needs of the workspace, and is built to run as nobody."""

import tomllib
from pathlib import Path

import pytest

from tests.unit.deploy.manifests import ROOT, SERVICES


def _members() -> dict[str, Path]:
    root = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = [path for glob in root["tool"]["uv"]["workspace"]["members"] for path in ROOT.glob(glob)]
    return {
        tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"]: folder.relative_to(ROOT)
        for folder in folders
        if (folder / "pyproject.toml").exists()
    }


def closure(package: str) -> set[Path]:
    """The folders of the workspace's packages that a package needs, itself included."""
    members = _members()
    needed: set[str] = set()
    ahead = [package]
    while ahead:
        name = ahead.pop()
        if name in needed:
            continue
        needed.add(name)
        declared = tomllib.loads((ROOT / members[name] / "pyproject.toml").read_text())["project"][
            "dependencies"
        ]
        ahead += [dependency for dependency in declared if dependency in members]
    return {members[name] for name in needed}


def lines(service: str) -> list[list[str]]:
    text = (ROOT / "services" / service / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_has_its_closure_alone(service: str) -> None:
    copied = [source for command, *rest in lines(service) if command == "COPY" for source in rest[:-1]]
    own = [Path(s) for s in copied if not s.startswith(("--from", "/"))]
    roots = {Path("pyproject.toml"), Path("uv.lock")}
    wanted = closure(f"waypost-{service}")
    assert {path for path in own if path.name != "pyproject.toml"} - roots == wanted
    assert {path.parent for path in own if path.name == "pyproject.toml" and path not in roots} == wanted
    syncs = [words for words in lines(service) if words[:3] == ["RUN", "uv", "sync"]]
    assert len(syncs) == 2
    assert all(words[-2:] == ["--package", f"waypost-{service}"] for words in syncs)
    assert all({"--frozen", "--no-dev"} <= set(words) for words in syncs)


@pytest.mark.parametrize("service", SERVICES)
def test_the_last_stage_is_the_environment_and_nobody(service: str) -> None:
    stages = [i for i, words in enumerate(lines(service)) if words[0] == "FROM"]
    assert len(stages) == 2
    last = lines(service)[stages[-1] + 1 :]
    assert [words for words in last if words[0] in ("COPY", "ADD", "RUN")] == [
        ["COPY", "--from=build", "/opt/waypost", "/opt/waypost"]
    ]
    assert ["USER", "10001:10001"] in last
    assert ["ENTRYPOINT", '["python",', '"-m",', f'"{service}_service"]'] in last


def test_every_service_has_an_image() -> None:
    assert {path.parent.name for path in ROOT.glob("services/*/pyproject.toml")} == set(SERVICES)


def test_images_are_built_with_the_uv_of_this_checkout() -> None:
    pinned = next(
        line.split("=")[1]
        for line in (ROOT / "dev" / "bootstrap.sh").read_text().splitlines()
        if line.startswith("UV_VERSION=")
    )
    for service in SERVICES:
        assert ["RUN", "pip", "install", "--no-cache-dir", f"uv=={pinned}"] in lines(service)
