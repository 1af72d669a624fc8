"""What dispatch counts beside what every service does."""

from chassis.metrics import counter, gauge, histogram

SLOTS = counter(
    "waypost_limiter_slots",
    "Moments at which a provider may be called. outcome: taken; moved (came too late for its slot, took another).",
    "channel", "account", "outcome",
)  # fmt: skip
FULL = counter(
    "waypost_limiter_refused",
    "Claims that got no slot, because those to come are taken.",
    "channel",
    "account",
)
QUEUED = gauge(
    "waypost_dispatch_queued_messages",
    "Messages that need something from us. stage: send (waits for a slot), lease (being sent), ask (unknown to us). "
    "Counted up to 10000 an account.",
    "channel", "account", "stage",
)  # fmt: skip
CALLS = histogram(
    "waypost_provider_call_seconds",
    "Calls of providers. outcome: taken, rejected, not_now, no_answer (they may have the message).",
    "channel", "account", "outcome",
)  # fmt: skip
SETTLED = counter("waypost_dispatch_messages_settled", "Messages that reached a state.", "channel", "state")
