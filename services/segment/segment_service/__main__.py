"""`python -m segment_service serve | migrate | check`."""

from chassis.command import main

from segment_service.settings import SegmentSettings

<<<<<<< HEAD
if __name__ == "__main__":
    main("segment", SegmentSettings)
=======

def migrate() -> None:
    settings = SegmentSettings()
    migrations.upgrade(settings.migrate_url, Path(__file__).parent / "migrations")


if __name__ == "__main__":
    main("segment", lambda roles: build(SegmentSettings(), roles), migrate)
>>>>>>> segscore
