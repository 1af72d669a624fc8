"""`python -m scoring_service serve | migrate | check`."""

from chassis.command import main

from scoring_service.settings import ScoringSettings

if __name__ == "__main__":
    main("scoring", ScoringSettings)
