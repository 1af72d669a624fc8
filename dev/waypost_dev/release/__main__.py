"""python -m waypost_dev.release VERSION: renews `released/`, commits it and tags it. `make release` checks first."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from waypost_dev.errors import DevError
from waypost_dev.release import contracts, migrations, rest

ROOT = Path(__file__).parents[3]


def write(root: Path, version: str) -> None:
    """Records what the checkout promises."""
    released = root / "released"
    contracts.snapshot(root / "protos", released / "contracts.binpb")
    _write_json(released / "openapi.json", rest.document())
    _write_json(released / "migrations.json", migrations.snapshot(root))
    (released / "version").write_text(f"{version}\n")


def release(root: Path, version: str) -> None:
    """Renews `released/`, commits and tags. Raises DevError when the version or the checkout is not fit for it."""
    last = (root / "released" / "version").read_text().strip()
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise DevError(f"{version!r} is no version", "make release VERSION=1.2.3")
    if _numbers(version) <= _numbers(last):
        raise DevError(f"{version} does not follow {last}", "choose a higher version")
    if changed := _git(root, "status", "--porcelain"):
        raise DevError(f"the checkout has changes of its own:\n{changed}", "commit them first")
    # Without a tag of the last release, everything.
    since = [f"v{last}.."] if _git(root, "tag", "--list", f"v{last}") else []
    news = _git(root, "log", "--no-merges", "--format=- %s", *since)
    write(root, version)
    _git(root, "add", "released")
    _git(root, "commit", "--message", f"Release {version}")
    _git(root, "tag", "--annotate", f"v{version}", "--message", f"Waypost {version}\n\n{news}")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _write_json(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise DevError(f"git {arguments[0]} failed: {done.stderr.strip()}", "see above")
    return done.stdout.strip()


def main() -> None:
    version = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        release(ROOT, version)
    except DevError as error:
        sys.exit(f"error: {error}")
    print(f"released {version}; now `git push --follow-tags`")


if __name__ == "__main__":
    main()
