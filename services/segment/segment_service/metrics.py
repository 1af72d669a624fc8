"""What segment counts beside what every service does."""

from chassis.metrics import counter, gauge

CHANGES = counter("waypost_segment_changes", "Memberships that began or ended.", "change")
BUILDS = gauge(
    "waypost_segment_builds_waiting", "Segments whose first members are still being looked for; up to 100."
)
