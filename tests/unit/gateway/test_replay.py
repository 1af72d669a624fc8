"""Refused events and dead letters become events again."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from gateway_service.ingest.body import read_batch, read_single
from gateway_service.ingest.decode import Call, Rejection, decode
from gateway_service.ingest.rejected import RejectedEvent, merge_patch, rejected_events
from gateway_service.ingest.replay import dead_letter
from gateway_service.problems import Problem
from gateway_service.routes._issue_ids import IssueName
from hypothesis import given, settings
from hypothesis import strategies as st
from waypost.profile.v1 import ingest_pb2

NOW = datetime(2026, 11, 1, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)


@settings(derandomize=True, max_examples=200, deadline=None, database=None)
@given(json_values, json_values)
def test_a_merge_patch_twice_is_a_merge_patch_once(target: Any, patch: Any) -> None:
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once


@pytest.mark.parametrize(
    ("target", "patch", "merged"),
    [  # of RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_of_the_standard(target: Any, patch: Any, merged: Any) -> None:
    assert merge_patch(target, patch) == merged


def refused(body: bytes) -> list[RejectedEvent]:
    read, call = read_batch(body), Call(NOW, "live", source="shop")
    return [event for _, event in rejected_events(read, call, decode(read, call).rejected)]


def test_a_patched_event_keeps_the_id_that_it_would_have_had() -> None:
    [event] = refused(
        b'{"batch": [{"type": "track", "userId": "u", "Event": "Bought"}], "sentAt": "2026-11-01"}'
    )
    assert isinstance(event.again(None), Rejection)
    records = [event.again({"event": name, "Event": None}) for name in ("Bought", "Paid")]
    assert all(isinstance(record, bytes) for record in records)
    messages = [ingest_pb2.IngestRecord.FromString(record) for record in records if isinstance(record, bytes)]
    assert [m.name for m in messages] == ["Bought", "Paid"]
    assert messages[0].meta.record_id == messages[1].meta.record_id
    assert all(m.meta.historical and m.source == "shop" for m in messages)


def test_what_was_cut_or_is_too_large_is_not_kept() -> None:
    large = b'{"type": "track", "userId": "u", "x": "' + b"x" * 33_000 + b'"}'
    body = b'{"batch": [' + large + b', {"type": "track", "userId": "\\ud800"}, {"type": "track", "n": 1}]}'
    assert [event.event for event in refused(body)] == [b'{"type": "track", "n": 1}']


def test_a_dead_letter_is_the_event_that_it_was() -> None:
    call = Call(NOW, "live", source="shop", kind="alias")
    body = read_single(
        b'{"userId": "new", "previousId": "old", "messageId": "m", "timestamp": "2026-10-01T00:00:00Z", '
        b'"sentAt": "2026-10-01T00:00:05Z", "context": {"externalIds": [{"type": "crm_id", "id": "7"}]}}'
    )
    record = decode(body, call).records[0]
    event, again = dead_letter(record)
    patched = event.again({"traits": {"a": 1}})
    assert isinstance(patched, bytes)
    found, before = ingest_pb2.IngestRecord.FromString(patched), ingest_pb2.IngestRecord.FromString(record)
    assert msgspec.json.decode(found.traits_json) == {"a": 1}
    assert {(i.type, i.value) for i in found.identifiers} == {
        ("user_id", "new"),
        ("user_id", "old"),
        ("crm_id", "7"),
    }
    for field in ("record_id", "event_time", "accept_time"):
        assert getattr(found.meta, field) == getattr(before.meta, field)
    assert ingest_pb2.IngestRecord.FromString(again).meta.historical


@settings(derandomize=True, max_examples=100, deadline=None, database=None)
@given(
    st.sampled_from(["gateway", "profile"]),
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=4, max_size=4),
)
def test_ids_of_issues_are_read_back(source: Any, parts: list[str]) -> None:
    name = IssueName(source, *parts)
    assert IssueName.read(name.id) == name
    with pytest.raises(Problem):
        IssueName.read(name.id + "A")


@pytest.mark.parametrize("wrong", ["", "iss_", "iss_AA", "iss_\u00e9", "seg_1", "iss_lKdnYXRld2F5oWGhYqFj"])
def test_what_is_no_issue_is_not_found(wrong: str) -> None:
    with pytest.raises(Problem):
        IssueName.read(wrong)
