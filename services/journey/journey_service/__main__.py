"""`python -m journey_service serve | migrate | check`."""

from chassis.command import main

from journey_service.settings import JourneySettings

if __name__ == "__main__":
    main("journey", JourneySettings)
