from pathlib import Path

from chassis import migrations
from chassis.service import main

from segment_service.app import build
from segment_service.settings import SegmentSettings


def migrate() -> None:
    settings = SegmentSettings()
    migrations.upgrade(settings.migrate_url, Path(__file__).parent / "migrations")


if __name__ == "__main__":
    main("segment", lambda roles: build(SegmentSettings(), roles), migrate)
