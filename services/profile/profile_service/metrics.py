"""What profile counts beside what every service does. A transaction that is run again counts again."""

from chassis.metrics import counter, gauge

EVENTS = counter("waypost_profile_events", "Events stored, each once however often it came.")
MERGES = counter("waypost_profile_merges", "People who turned out to be one.")
ISSUES = counter(
    "waypost_profile_issues", "What was held back, mended or set aside of a record, by kind.", "kind"
)
EXPIRED = counter("waypost_profile_events_expired", "Events deleted because they were kept long enough.")
RESEALED = counter(
    "waypost_profile_rows_resealed", "Rows that a workspace's newest data key has sealed again."
)
RESEAL_STEPS_LEFT = gauge(
    "waypost_profile_reseal_steps_left",
    "Parts of the workspace now at work that may still hold rows under old data keys; 0 when none is.",
)
