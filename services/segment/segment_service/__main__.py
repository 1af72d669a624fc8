"""`python -m segment_service serve | migrate | check`."""

from chassis.command import main

from segment_service.settings import SegmentSettings

if __name__ == "__main__":
    main("segment", SegmentSettings)
