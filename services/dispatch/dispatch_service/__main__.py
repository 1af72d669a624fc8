"""`python -m dispatch_service serve | migrate | check`."""

from chassis.command import main

from dispatch_service.settings import Settings

if __name__ == "__main__":
    main("dispatch", Settings)
