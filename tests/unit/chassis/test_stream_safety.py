"""Which settings of a stream are refused."""

from dataclasses import replace
from typing import Any

import pytest
from chassis.stream_safety import dangers, wanted
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType

NEEDED = wanted("INGEST", days=7, replicas=3)


def test_what_we_make_ourselves_is_safe() -> None:
    assert dangers(NEEDED, NEEDED) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"storage": StorageType.MEMORY}, "storage"),
        ({"retention": RetentionPolicy.WORK_QUEUE}, "retention"),
        ({"retention": RetentionPolicy.INTEREST}, "retention"),
        ({"discard": DiscardPolicy.OLD}, "discard"),
        ({"max_age": 86_400.0}, "max_age"),
        ({"max_msgs_per_subject": 1000}, "max_msgs_per_subject"),
        ({"duplicate_window": 120.0}, "duplicate_window"),
        ({"num_replicas": 1}, "replicas"),
    ],
)
def test_what_could_lose_a_message_is_named(change: dict[str, Any], word: str) -> None:
    (problem,) = dangers(replace(NEEDED, **change), NEEDED)
    assert word in problem


@pytest.mark.parametrize(
    "change",
    [
        {"max_age": 0},
        {"max_age": 30 * 86_400.0},
        {"max_bytes": 10**9},
        {"num_replicas": 5},
        {"duplicate_window": 3600.0},
    ],
)
def test_what_keeps_more_is_welcome(change: dict[str, Any]) -> None:
    assert dangers(replace(NEEDED, **change), NEEDED) == []
