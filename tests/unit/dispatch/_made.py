"""Intentions for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.ids import bucket_of, derived_id
from dispatch_service.domain.messages import Claimed, Intention

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def intention(number: int = 1, **change: Any) -> Intention:
    message_id = derived_id("message", str(number))
    values: dict[str, Any] = {
        "bucket": bucket_of(message_id),
        "message_id": message_id,
        "key": f"run{number}:2",
        "identity_id": derived_id("person", str(number)),
        "profile_id": derived_id("person", str(number)),
        "profile_no": number,
        "identity_version": 1,
        "channel": "sms",
        "content_id": "tpl_1",
        "purpose": "marketing",
        "variables": {"entry": {"name": "Ann"}},
        "not_after": NOW + timedelta(hours=1),
        "journey_id": "jrn_1",
        "node_id": "remind",
        "run_id": f"run{number}",
        "run_sequence": 2,
        "trigger_id": f"event{number}",
        "historical": False,
        "traceparent": "",
    }
    return Intention(**{**values, **change})


def claimed(number: int = 1, attempt: int = 1, **change: Any) -> Claimed:
    return Claimed(intention(number, **change), attempt, 0.0)
