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
RELEASED = ROOT / "released"


def write(version: str) -> None:
    """Records what this checkout promises."""
    RELEASED.mkdir(exist_ok=True)
    contracts.snapshot(ROOT / "protos", RELEASED / "contracts.binpb")
    _write_json("openapi.json", rest.document())
    _write_json("migrations.json", migrations.snapshot(ROOT))
    (RELEASED / "version").write_text(f"{version}\n")


def release(version: str) -> None:
    last = (RELEASED / "version").read_text().strip()
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise DevError(f"{version!r} is no version", "make release VERSION=1.2.3")
    if _numbers(version) <= _numbers(last):
        raise DevError(f"{version} does not follow {last}", "choose a higher version")
    if changed := _git("status", "--porcelain"):
        raise DevError(f"the checkout has changes of its own:\n{changed}", "commit them first")
    # Without a tag of the last release, everything.
    since = [f"v{last}.."] if _git("tag", "--list", f"v{last}") else []
    news = _git("log", "--no-merges", "--format=- %s", *since)
    write(version)
    _git("add", "released")
    _git("commit", "--message", f"Release {version}")
    _git("tag", "--annotate", f"v{version}", "--message", f"Waypost {version}\n\n{news}")
    print(f"released {version}; now `git push --follow-tags`")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _write_json(name: str, content: object) -> None:
    (RELEASED / name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise DevError(f"git {arguments[0]} failed: {done.stderr.strip()}", "see above")
    return done.stdout.strip()


if __name__ == "__main__":
    try:
        release(sys.argv[1] if len(sys.argv) == 2 else "")
    except DevError as error:
        sys.exit(f"error: {error}")
