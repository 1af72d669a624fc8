"""The contracts between services, compared by buf with the rules of `protos/buf.yaml`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from waypost_dev.errors import DevError


def snapshot(protos: Path, image: Path) -> None:
    """Writes the contracts in `protos` as one image."""
    _buf("build", str(protos), "--exclude-source-info", "--output", str(image))


def breaking(image: Path, protos: Path) -> list[str]:
    """What the contracts in `protos` no longer keep of the image, a sentence each with the place."""
    said = _buf("breaking", str(protos), "--against", str(image), "--error-format", "json", faults=100)
    found = [json.loads(line) for line in said.splitlines()]
    return [f"{one.get('path', 'protos')}:{one.get('start_line', 1)}: {one['message']}" for one in found]


def _buf(*arguments: str, faults: int = 0) -> str:
    """`faults` is the exit status that goes with faults found."""
    program = Path(sys.executable).with_name("buf")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, faults):
        raise DevError(f"buf {arguments[0]} failed:\n{done.stderr or done.stdout}", "mend the contracts")
    return done.stdout
