"""The release before this one, as code that runs beside the checkout.

A release is a commit that renews `released/version` (`make release`), so neither tags nor a server must be asked.
"""

import io
import os
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "releases"
SOURCES = ("protos/gen", "libs/*", "services/*")


@dataclass(frozen=True)
class Release:
    """What must stand first on the path of a Python process for it to be of that release."""

    name: str
    path: str

    @property
    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": self.path}

    def file_of(self, package: str) -> Path:
        """Where a process of the release finds the package."""
        code = f"import {package}; print({package}.__file__)"
        found = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(found.stdout.strip())


def previous() -> Release:
    """The newest release before HEAD, or the commit that PREVIOUS names. Without one in the history (a shallow clone,
    an export) it is the checkout itself, and the name says so."""
    commit = _commit()
    if not commit:
        return Release("this checkout itself, for want of history", _path(ROOT))
    checkout = CACHE / commit
    if not checkout.exists():
        _extract(commit, checkout)
    path = _path(checkout)
    if _pinned(checkout) - _pinned(ROOT):
        path = os.pathsep.join([path, str(_own_packages(checkout))])
    file = checkout / "released" / "version"
    return Release(file.read_text().strip() if file.exists() else commit[:10], path)


def _commit() -> str:
    if wanted := os.environ.get("PREVIOUS"):
        return _git("rev-parse", "--verify", f"{wanted}^{{commit}}")[0]
    head, *_ = _git("rev-parse", "HEAD") or [""]
    releases = _git("log", "--format=%H", "HEAD", "--", "released/version")
    return next((commit for commit in releases if commit != head), "")


def _git(*arguments: str) -> list[str]:
    """Lines of the answer; none when this is no checkout of git's."""
    # An export may lie inside somebody else's repository.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(ROOT.parent)}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return []
    return done.stdout.split() if done.returncode == 0 else []


def _extract(commit: str, target: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    draft = target.with_suffix(f".{os.getpid()}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(draft, filter="data")
    draft.rename(target)


def _path(checkout: Path) -> str:
    return os.pathsep.join(str(folder) for glob in SOURCES for folder in sorted(checkout.glob(glob)))


def _pinned(checkout: Path) -> set[tuple[str, str]]:
    """Name and version of every package of others that the services need."""
    packages: dict[str, Any] = {
        p["name"]: p for p in tomllib.loads((checkout / "uv.lock").read_text())["package"]
    }
    ahead = [f"waypost-{folder.name}" for folder in (checkout / "services").iterdir()]
    needed: set[str] = set()
    while ahead:
        if (name := ahead.pop()) not in needed:
            needed.add(name)
            package = packages[name]
            extras = [d for group in package.get("optional-dependencies", {}).values() for d in group]
            ahead += [dependency["name"] for dependency in [*package.get("dependencies", ()), *extras]]
    return {(name, packages[name]["version"]) for name in needed if not name.startswith("waypost-")}


def _own_packages(checkout: Path) -> Path:
    """The release needs other packages than this checkout: its own environment has them."""
    subprocess.run(
        ["sh", "dev/bootstrap.sh"], cwd=checkout, env={**os.environ, "PYTHON": sys.executable}, check=True
    )
    (found,) = (checkout / ".venv" / "lib").glob("python3*/site-packages")
    return found
