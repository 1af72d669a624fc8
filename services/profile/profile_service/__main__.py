"""`python -m profile_service serve | migrate | check`."""

from chassis.command import main

from profile_service.settings import ProfileSettings

if __name__ == "__main__":
    main("profile", ProfileSettings)
