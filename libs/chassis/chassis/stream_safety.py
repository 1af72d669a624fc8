"""What a stream's settings must be so that nothing acknowledged is ever lost. Somebody else may have made the stream."""

from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

DUPLICATE_WINDOW_S = 600
"""As long as a publisher may go on trying the same message."""


def wanted(name: str, days: int, replicas: int) -> StreamConfig:
    return StreamConfig(
        name=name,
        subjects=[f"{name}.*.*"],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        max_age=days * 86_400,
        duplicate_window=DUPLICATE_WINDOW_S,
        num_replicas=replicas,
    )


def dangers(found: StreamConfig, needed: StreamConfig) -> list[str]:
    """What is unsafe about the stream, each with the cure; empty when nothing is. Times in seconds."""
    problems = []
    # The client leaves what the broker says as text, which equals the enum and is not it.
    if found.storage != StorageType.FILE:
        problems.append(
            "storage is not file: a restart would lose it all; make the stream anew with storage file"
        )
    if found.retention != RetentionPolicy.LIMITS:
        problems.append(
            "retention is not limits: one service's acknowledgement would take a message from the others"
        )
    if found.discard != DiscardPolicy.NEW:
        problems.append("discard is not new: a full stream would drop what was accepted; set discard to new")
    if found.max_age and needed.max_age and found.max_age < needed.max_age:
        problems.append(f"max_age is {found.max_age:.0f} s; set at least {needed.max_age:.0f} s")
    if (found.max_msgs_per_subject or -1) > 0:
        problems.append("max_msgs_per_subject is set: unread messages would be dropped; remove it")
    if (found.duplicate_window or 0) < DUPLICATE_WINDOW_S:
        problems.append(
            f"duplicate_window is under {DUPLICATE_WINDOW_S} s: a repeated publish would store twice"
        )
    if (found.num_replicas or 1) < (needed.num_replicas or 1):
        problems.append(f"{found.num_replicas} replicas; this service is told to want {needed.num_replicas}")
    return problems
