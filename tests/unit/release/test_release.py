"""A release records what the checkout promises, commits it, and tags it with what is new."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from waypost_dev.errors import DevError
from waypost_dev.release import migrations
from waypost_dev.release.__main__ import release

ROOT = Path(__file__).parents[3]


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As much of a checkout as a release looks at, with version 0.1.0 released."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.com")
    shutil.copytree(ROOT / "protos" / "waypost", tmp_path / "protos" / "waypost")
    shutil.copytree(ROOT / "services", tmp_path / "services", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "released").mkdir()
    (tmp_path / "released" / "version").write_text("0.1.0\n")
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "The first")
    git(tmp_path, "tag", "--annotate", "v0.1.0", "--message", "0.1.0")
    return tmp_path


def test_a_release_is_recorded_and_tagged_with_its_news(checkout: Path) -> None:
    (checkout / "news").write_text("")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "Something new")
    release(checkout, "0.10.0")
    assert (checkout / "released" / "version").read_text() == "0.10.0\n"
    shipped = json.loads((checkout / "released" / "migrations.json").read_text())
    assert shipped == migrations.snapshot(ROOT)
    assert git(checkout, "status", "--porcelain") == ""
    assert git(checkout, "log", "-1", "--format=%s %D") == "Release 0.10.0 HEAD -> main, tag: v0.10.0"
    assert (
        git(checkout, "tag", "--list", "v0.10.0", "--format=%(contents)")
        == "Waypost 0.10.0\n\n- Something new"
    )
    with pytest.raises(DevError, match=r"0\.9\.0 does not follow 0\.10\.0"):
        release(checkout, "0.9.0")


@pytest.mark.parametrize(
    ("version", "said"),
    [("", "'' is no version"), ("1.2", "'1.2' is no version"), ("0.1.0", "0.1.0 does not follow 0.1.0")],
)
def test_what_is_no_next_version_is_refused(checkout: Path, version: str, said: str) -> None:
    with pytest.raises(DevError, match=said):
        release(checkout, version)


def test_changes_that_are_not_committed_are_refused(checkout: Path) -> None:
    (checkout / "news").write_text("")
    with pytest.raises(DevError, match=r"(?s)changes of its own:.*\?\? news"):
        release(checkout, "0.2.0")
    assert (checkout / "released" / "version").read_text() == "0.1.0\n"


def test_a_shipped_migration_that_changes_is_named(checkout: Path) -> None:
    shipped = migrations.snapshot(checkout)
    assert migrations.edited(shipped, checkout) == []
    versions = migrations.folders(checkout)["journey"] / "versions"
    (versions / "0001_first.py").write_text("")
    assert migrations.edited(shipped, checkout) == [
        "services/journey: the shipped migration 0001_first.py was changed; write a new one"
    ]


def test_newer_migrations_are_those_that_no_release_has(checkout: Path) -> None:
    shipped = migrations.snapshot(checkout)
    versions = migrations.folders(checkout)["journey"] / "versions"
    (versions / "9999_last.py").write_text('revision = "9999"\ncontract = "nobody reads it"\n')
    assert migrations.newer(shipped, checkout) == {"journey": [versions / "9999_last.py"]}
    assert migrations.assigned(versions / "9999_last.py", "contract") == "nobody reads it"
    assert migrations.assigned(versions / "0001_first.py", "contract") == ""
