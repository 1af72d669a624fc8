"""`python -m dispatch_service serve | migrate | check`."""

from chassis.command import main

from dispatch_service.settings import Settings

if __name__ == "__main__":
<<<<<<< HEAD
    main("dispatch", Settings)
=======
    settings = Settings()
    main(
        "dispatch",
        lambda roles: build(settings, roles),
        lambda: migrations.upgrade(settings.migrate_url, Path(__file__).parent / "migrations"),
    )
>>>>>>> dispatch
