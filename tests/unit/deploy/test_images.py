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


IMAGES = {**{service: f"services/{service}" for service in SERVICES}, "sandbox": "sandbox"}
"""Image → folder of its Dockerfile."""


def lines(image: str) -> list[str]:
    text = (ROOT / IMAGES[image] / "Dockerfile").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def meant(image: str) -> list[str]:
    """Every image is built alike: only the package, its closure and what is run differ."""
    package = f"waypost-{image}"
    folders = sorted(map(str, closure(package)))
    module, serving = (
        (f"{image}_service", ['CMD ["serve"]']) if image in SERVICES else ("waypost_sandbox", [])
    )
    sync = "RUN uv sync --frozen --no-dev"
    return [
        "ARG BASE=python:3.12-slim-bookworm",
        "FROM ${BASE} AS build",
        f"RUN pip install --no-cache-dir uv=={_uv()}",
        "ENV UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/waypost",
        "WORKDIR /src",
        "COPY pyproject.toml uv.lock ./",
        *(f"COPY {folder}/pyproject.toml {folder}/" for folder in folders),
        f"{sync} --no-install-workspace --package {package}",
        *(f"COPY {folder} {folder}" for folder in folders),
        f"{sync} --no-editable --compile-bytecode --package {package}",
        "FROM ${BASE}",
        "COPY --from=build /opt/waypost /opt/waypost",
        "ENV PATH=/opt/waypost/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1",
        "USER 10001:10001",
        f'ENTRYPOINT ["python", "-m", "{module}"]',
        *serving,
    ]


def _uv() -> str:
    """The uv of this checkout."""
    script = (ROOT / "dev" / "bootstrap.sh").read_text().splitlines()
    return next(line.split("=")[1] for line in script if line.startswith("UV_VERSION="))


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_is_built_as_all_are_from_its_closure_alone(image: str) -> None:
    assert sorted(lines(image)) == sorted(meant(image))
    assert [line.split()[0] for line in lines(image)] == [line.split()[0] for line in meant(image)]


def test_every_service_has_an_image() -> None:
    assert {path.parent.name for path in ROOT.glob("services/*/pyproject.toml")} == set(SERVICES)
