"""The migrations of the services: those a release has shipped, which stay as they are, and the newer ones."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

Shipped = dict[str, dict[str, str]]
"""Service → file → SHA-256 of its content."""


def folders(root: Path) -> dict[str, Path]:
    """Service → its migrations, in the checkout at `root`."""
    return {f.name: f / f"{f.name}_service" / "migrations" for f in sorted((root / "services").iterdir())}


def snapshot(root: Path) -> Shipped:
    return {
        service: {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in _versions(folder)}
        for service, folder in folders(root).items()
    }


def edited(shipped: Shipped, root: Path) -> list[str]:
    """A database that has run a migration never runs it again: an edited one leaves two kinds of databases."""
    now = snapshot(root)
    return [
        f"services/{service}: the shipped migration {file} was changed; write a new one"
        for service, files in shipped.items()
        for file, content in files.items()
        if now.get(service, {}).get(file) != content
    ]


def newer(shipped: Shipped, root: Path) -> dict[str, list[Path]]:
    """Service → its migrations that no release has shipped, oldest first; services without any are left out."""
    found = {
        service: [file for file in _versions(folder) if file.name not in shipped.get(service, {})]
        for service, folder in folders(root).items()
    }
    return {service: files for service, files in found.items() if files and service in shipped}


def assigned(migration: Path, name: str) -> str:
    """The text that a migration assigns to a name at its top (`revision`, `contract`); empty when it does not."""
    texts = {
        target.id: node.value.value
        for node in ast.parse(migration.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return str(texts.get(name) or "")


def _versions(folder: Path) -> list[Path]:
    return sorted(file for file in (folder / "versions").glob("*.py") if file.name != "__init__.py")
