"""`python -m dispatch_service serve | migrate | check`."""

from pathlib import Path

from chassis import migrations
from chassis.service import main

from dispatch_service.app import build
from dispatch_service.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    main(
        "dispatch",
        lambda roles: build(settings, roles),
        lambda: migrations.upgrade(settings.migrate_url, Path(__file__).parent / "migrations"),
    )
