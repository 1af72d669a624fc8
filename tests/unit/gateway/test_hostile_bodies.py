"""The whole way of a body: whatever it holds, it is read or refused soon, and what is accepted profile can read."""

import gzip
import time
from collections import Counter

import pytest
from gateway_service.ingest.body import MAX_BODY, inflate, read_batch
from gateway_service.ingest.reasons import BodyReason, BodyRefused
from hypothesis import given, settings

from tests.fuzz.inputs import SEEDS, bodies
from tests.fuzz.targets import TARGETS, body, in_time

reached: Counter[str] = Counter()


@settings(max_examples=200, deadline=None)
@given(bodies)
def test_any_body_is_read_or_refused_in_time(data: bytes) -> None:
    reached["some event accepted" if in_time(body, data) else "none accepted"] += 1


def test_both_ends_were_reached() -> None:
    print(dict(reached))
    assert min(reached["some event accepted"], reached["none accepted"]) >= 5


def test_a_bomb_is_refused_without_being_inflated() -> None:
    bomb = gzip.compress(bytes(50_000_000), 9)
    assert len(bomb) < 60_000
    before = time.process_time()
    with pytest.raises(BodyRefused) as refused:
        inflate(bomb * 3, "gzip")
    assert refused.value.reason == BodyReason.BODY_TOO_LARGE
    assert str(MAX_BODY) in refused.value.detail
    assert time.process_time() - before < 0.5


def test_of_doubled_keys_the_last_holds_everywhere() -> None:
    [event] = read_batch(b'{"batch":[1],"batch":[{"a":1,"a":2}]}').events
    assert bytes(event) == b'{"a":1,"a":2}'


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_of_the_fuzzer_passes_and_some_are_right(name: str) -> None:
    assert sum(in_time(TARGETS[name], seed) for seed in SEEDS[name]) >= 1
