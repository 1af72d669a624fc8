from pathlib import Path

from chassis import migrations
from chassis.service import main

from scoring_service.app import build
from scoring_service.settings import ScoringSettings


def migrate() -> None:
    settings = ScoringSettings()
    migrations.upgrade(settings.migrate_url, Path(__file__).parent / "migrations")


if __name__ == "__main__":
    main("scoring", lambda roles: build(ScoringSettings(), roles), migrate)
