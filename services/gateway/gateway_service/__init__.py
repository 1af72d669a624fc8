"""The one door: Segment-compatible ingestion, and the REST surface over the other services."""
