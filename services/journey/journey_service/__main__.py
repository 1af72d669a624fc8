"""`python -m journey_service serve | migrate | check`."""

from pathlib import Path

from chassis import migrations
from chassis.service import Service, main

from journey_service.app import build
from journey_service.settings import JourneySettings


def _build(roles: frozenset[str]) -> Service:
    return build(JourneySettings(), roles)


def _migrate() -> None:
    migrations.upgrade(JourneySettings().migrate_url, Path(__file__).parent / "migrations")


if __name__ == "__main__":
    main("journey", _build, _migrate)
