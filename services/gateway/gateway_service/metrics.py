"""What the gateway counts beside what every service does."""

from chassis.metrics import counter, gauge, histogram

HTTP = histogram(
    "waypost_http_seconds",
    "Calls answered, by method, route and class of status (4xx also for callers that hung up).",
    "method", "route", "status",
)  # fmt: skip
ACCEPTED = counter("waypost_ingest_accepted", "Events on the broker's disk.", "lane")
REJECTED = counter(
    "waypost_ingest_rejected", "Events refused, alone or with their body, by reason.", "reason"
)
QUEUED = gauge("waypost_ingest_queue_bytes", "Accepted events that wait for the broker.")
QUEUE_ROOM = gauge("waypost_ingest_queue_limit_bytes", "More than this is answered 429.")
