"""`python -m profile_service serve | migrate | check`."""

from pathlib import Path

from chassis import migrations
from chassis.service import Service, main

from profile_service.app import build
from profile_service.settings import ProfileSettings


def _build(roles: frozenset[str]) -> Service:
    return build(ProfileSettings(), roles)


def _migrate() -> None:
    migrations.upgrade(ProfileSettings().migrate_url, Path(__file__).parent / "migrations")


if __name__ == "__main__":
    main("profile", _build, _migrate)
