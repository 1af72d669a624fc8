"""Secrets of one checkout: made once, readable by their owner alone, never in a command line."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path


def write_private(file: Path, text: str) -> None:
    """Replace a 0600 file in one step, so that a reader never sees half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    draft.replace(file)


def ensure_keys(file: Path) -> Path:
    """The key ring that yields the workspaces' data keys. Losing it loses the data, so it is never replaced."""
    if not file.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        write_private(file, json.dumps({"active": "k1", "keys": {"k1": key}}) + "\n")
    return file


def ensure_secret(file: Path) -> str:
    """A shared secret of 64 hexadecimal characters."""
    if not file.exists():
        write_private(file, secrets.token_hex(32))
    return file.read_text().strip()


def read_env(file: Path) -> dict[str, str]:
    """NAME=value lines; an absent file is empty."""
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text().splitlines())
    return {name.strip(): value.strip() for name, found, value in lines if found}


def write_env(file: Path, values: dict[str, str]) -> None:
    write_private(file, "".join(f"{name}={value}\n" for name, value in values.items()))
