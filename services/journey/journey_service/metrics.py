"""What journey counts beside what every service does."""

from chassis.metrics import SLOW, counter, gauge, histogram

ENTERED = counter("waypost_journey_runs_entered", "Runs that began.")
REFUSED = counter("waypost_journey_entries_refused", "Runs that did not begin, by reason.", "reason")
FIRED = counter("waypost_journey_timers_fired", "Timers that were due and were looked at.")
TIMERS_LATE = gauge(
    "waypost_journey_timers_late_seconds", "How long ago the oldest due timer was due; 0 without one."
)
ACCEPTED_TO_SENT = histogram(
    "waypost_accepted_to_sent_seconds",
    "From what made a run send (its event accepted, its wait answered or over) to the provider's word that it took "
    "the message; without history.",
    buckets=SLOW,
)
