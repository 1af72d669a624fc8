"""Decoding of ingestion bodies: every event is accepted or refused with its reason, never both, never an exception."""

import contextlib
import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from gateway_service.ingest import body as bodies
from gateway_service.ingest.body import MAX_BODY, inflate, read_batch, read_single
from gateway_service.ingest.decode import MAX_DEPTH, Call, Decoded, decode
from gateway_service.ingest.reasons import BodyReason, BodyRefused, Reason
from hypothesis import given, settings
from hypothesis import strategies as st
from waypost.profile.v1 import ingest_pb2

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CALL = Call(NOW, "live", "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "web")
GOOD = {"type": "track", "event": "Seen", "userId": "u1", "messageId": "m1"}


def batch(*events: Any, **envelope: Any) -> bytes:
    return json.dumps({"batch": events, **envelope}).encode()


def decoded(body: bytes, call: Call = CALL) -> Decoded:
    return decode(read_batch(body), call)


def records(body: bytes, call: Call = CALL) -> list[ingest_pb2.IngestRecord]:
    found = decoded(body, call)
    assert not found.rejected, found.rejected
    return [ingest_pb2.IngestRecord.FromString(record) for record in found.records]


def reasons(body: bytes) -> list[Reason]:
    return [one.reason for one in decoded(body).rejected]


def event(**fields: Any) -> dict[str, Any]:
    return {**GOOD, **fields}


def test_bytes_of_properties_and_context_go_through_unchanged() -> None:
    raw = (
        b'{"batch":[{"type":"track","event":"\xe4\xb9\xb0","userId":"\xf0\xa0\xae\xb7","messageId":"m",'
        b'"properties":{"n": 1.10,"t":"\\ud83d\\ude00 \xf0\x9f\x98\x80", "a":[ 1 ]},"context":{"ip" :"1"}}]}'
    )
    [record] = records(raw)
    assert record.properties_json == b'{"n": 1.10,"t":"\\ud83d\\ude00 \xf0\x9f\x98\x80", "a":[ 1 ]}'
    assert record.context_json == b'{"ip" :"1"}'
    assert (record.name, record.identifiers[0].value) == ("买", "𠮷")
    assert (record.source, record.meta.traceparent) == ("web", CALL.traceparent)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (7, Reason.EVENT_NOT_OBJECT),
        ([], Reason.EVENT_NOT_OBJECT),
        ({"userId": "u"}, Reason.EVENT_TYPE_UNKNOWN),
        (event(type="buy"), Reason.EVENT_TYPE_UNKNOWN),
        (event(type=1), Reason.EVENT_TYPE_UNKNOWN),
        (event(event=None), Reason.EVENT_NAME_MISSING),
        (event(event="  "), Reason.EVENT_NAME_MISSING),
        (event(event=3), Reason.EVENT_NAME_INVALID),
        (event(event="x" * 257), Reason.EVENT_NAME_TOO_LONG),
        (event(userId=None), Reason.IDENTIFIER_MISSING),
        (event(userId=""), Reason.IDENTIFIER_MISSING),
        (event(userId=5), Reason.IDENTIFIER_INVALID),
        (event(type="group", groupId=2**53), Reason.IDENTIFIER_INVALID),
        (event(type="group", groupId=True), Reason.IDENTIFIER_INVALID),
        (event(anonymousId={}), Reason.IDENTIFIER_INVALID),
        (event(userId="x" * 513), Reason.IDENTIFIER_INVALID),
        (event(context={"externalIds": [{"type": "x y", "id": "1"}]}), Reason.IDENTIFIER_INVALID),
        (event(context={"externalIds": [{"type": "x", "id": 1}]}), Reason.IDENTIFIER_INVALID),
        (event(context={"externalIds": {}}), Reason.IDENTIFIER_INVALID),
        (
            event(context={"externalIds": [{"type": "x", "id": "1", "verified": "no"}]}),
            Reason.IDENTIFIER_INVALID,
        ),
        (
            event(userId=None, context={"externalIds": [{"type": "x", "id": "1", "verified": False}]}),
            Reason.IDENTIFIER_MISSING,
        ),
        (event(traits={"external_ids": "x"}), Reason.IDENTIFIER_INVALID),
        ({"type": "alias", "userId": "u"}, Reason.IDENTIFIER_MISSING),
        ({"type": "group", "userId": "u"}, Reason.IDENTIFIER_MISSING),
        (event(properties=[]), Reason.PROPERTIES_NOT_OBJECT),
        (event(traits="x"), Reason.TRAITS_NOT_OBJECT),
        (event(context=1), Reason.CONTEXT_NOT_OBJECT),
        (event(context={"org_unit": 1}), Reason.ORG_UNIT_INVALID),
        (event(messageId=1), Reason.MESSAGE_ID_INVALID),
        (event(messageId="x" * 257), Reason.MESSAGE_ID_INVALID),
        (event(timestamp="yesterday"), Reason.TIMESTAMP_INVALID),
        (event(timestamp=1_700_000_000), Reason.TIMESTAMP_INVALID),
        (event(timestamp="2026-11-23T10:00:01Z"), Reason.TIMESTAMP_IN_FUTURE),
        (event(timestamp="9999-12-31T23:59:59-14:00"), Reason.TIMESTAMP_IN_FUTURE),
        (event(properties={"a": "x\0y"}), Reason.NUL_CHARACTER),
        (event(userId="\0"), Reason.NUL_CHARACTER),
        (event(properties={"a": "\ud800"}), Reason.LONE_SURROGATE),
        (event(properties={"\udfff": 1}), Reason.LONE_SURROGATE),
        (event(properties={"a": 10**5000}), Reason.VALUE_INVALID),
        (event(properties={"a": "x" * 33_000}), Reason.EVENT_TOO_LARGE),
        (event(properties={str(n): 0 for n in range(501)}), Reason.TOO_MANY_FIELDS),
        (event(traits={str(n): n for n in range(2_000)}), Reason.TOO_MANY_FIELDS),
        (
            event(context={"externalIds": [{"type": f"t{n}", "id": "1"} for n in range(20)]}),
            Reason.IDENTIFIER_INVALID,
        ),
        (
            event(context={"externalIds": [{"type": "t", "id": "深" * 512, "scope": "海" * 512}]}),
            Reason.IDENTIFIER_INVALID,
        ),
    ],
)
def test_a_bad_event_has_its_reason_and_leaves_its_neighbours_alone(bad: Any, reason: Reason) -> None:
    try:
        body = batch(GOOD, bad, GOOD)
    except ValueError:
        body = batch(GOOD, event(properties={"a": "HUGE"}), GOOD).replace(b'"HUGE"', b"1" * 5001)
    found = decoded(body)
    assert len(found.records) == 2
    assert [(one.index, one.reason) for one in found.rejected] == [(1, reason)]


def test_numbers_out_of_range_are_found_and_hex_is_not_a_number() -> None:
    for number in ("1e400", "-2.5E+999", "1e0400", "9" * 400 + ".5"):
        body = batch(GOOD, event(properties={"a": 0})).replace(b'"a": 0', b'"a": ' + number.encode())
        assert reasons(body) == [Reason.VALUE_INVALID], number
    fine = batch(event(properties={"id": "550e8400-1e999", "ids": ["3e123456"], "m": 1e-300}))
    assert not read_batch(fine).suspect
    assert len(records(fine)) == 1
    assert len(records(batch(event(properties={"n": 1e300, "m": -1.5e307})))) == 1


def test_an_escaped_backslash_before_u0000_is_not_a_nul() -> None:
    assert len(records(batch(event(properties={"a": "\\u0000", "b": "\\\\"})))) == 1


@pytest.mark.parametrize("levels", [MAX_DEPTH, 70, 900, 100_000])
def test_nesting_without_end_costs_one_event(levels: int) -> None:
    deep = (
        b'{"type":"track","event":"e","userId":"u","properties":{"a":' + b"[" * levels + b"]" * levels + b"}}"
    )
    good = json.dumps(GOOD).encode()
    found = decoded(b'{"batch":[' + b",".join((good, deep, good)) + b"]}")
    assert len(found.records) == 2
    assert found.rejected[0].reason == Reason.TOO_DEEP


def test_brackets_inside_strings_do_not_nest() -> None:
    assert len(records(batch(event(properties={"a": "[{" * 500, "b": '\\"[['})))) == 1
    wide = {"products": [{"tags": [1, 2]} for _ in range(200)]}
    assert len(records(batch(event(properties=wide)))) == 1


def test_identifiers_of_every_place_each_once() -> None:
    external = [
        {"type": "wechat_openid", "id": "o1", "scope": "wx1"},
        {"type": "wechat_openid", "id": "o1", "scope": "wx1"},
        {"type": "user_id", "id": "u1"},
        {"type": "crm_id", "id": ""},
    ]
    [record] = records(
        batch(
            event(
                type="identify",
                anonymousId="a1",
                context={
                    "externalIds": external,
                    "traits": {"external_ids": [{"type": "crm_id", "id": "c1"}]},
                },
                traits={"external_ids": [{"type": "member_id", "id": "88"}], "city": "上海"},
            )
        )
    )
    assert [(i.type, i.scope, i.value) for i in record.identifiers] == [
        ("user_id", "", "u1"),
        ("anonymous_id", "", "a1"),
        ("wechat_openid", "wx1", "o1"),
        ("member_id", "", "88"),
        ("crm_id", "", "c1"),
    ]


def test_what_is_not_verified_travels_apart() -> None:
    phone = {"type": "phone", "id": "13800001111", "verified": False}
    listed = [phone, phone, {"type": "crm_id", "id": "c1", "verified": True}]
    [record] = records(batch(event(context={"externalIds": listed})))
    assert [(i.type, i.value) for i in record.identifiers] == [("user_id", "u1"), ("crm_id", "c1")]
    assert [(i.type, i.value) for i in record.unverified] == [("phone", "13800001111")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"previousId": "old"}, [("user_id", "u1"), ("user_id", "old")]),
        ({"previousId": "a", "anonymousId": "a"}, [("user_id", "u1"), ("anonymous_id", "a")]),
        (
            {"previousId": "old", "anonymousId": "a"},
            [("user_id", "u1"), ("anonymous_id", "a"), ("user_id", "old")],
        ),
    ],
)
def test_alias_names_both_ids(fields: dict[str, str], expected: list[tuple[str, str]]) -> None:
    [record] = records(batch({"type": "alias", "userId": "u1", **fields}))
    assert [(i.type, i.value) for i in record.identifiers] == expected


def test_ids_that_sdks_leave_as_numbers_are_text() -> None:
    found = records(
        batch(
            {"type": "group", "userId": "u", "groupId": 42},
            {"type": "alias", "userId": "u", "previousId": 17},
        )
    )
    assert found[0].name == "42"
    assert [i.value for i in found[1].identifiers] == ["u", "17"]


def test_traits_of_identify_may_stand_in_the_context() -> None:
    [record] = records(batch({"type": "identify", "userId": "u", "context": {"traits": {"city": "x"}}}))
    assert json.loads(record.traits_json) == {"city": "x"}
    [record] = records(batch(event(context={"traits": {"city": "x"}})))
    assert record.traits_json == b""


def test_the_batch_context_is_under_the_events_own() -> None:
    found = records(batch(event(context={"ip": "2"}), GOOD, context={"ip": "1", "locale": "zh"}))
    assert [json.loads(r.context_json) for r in found] == [
        {"ip": "2", "locale": "zh"},
        {"ip": "1", "locale": "zh"},
    ]


@pytest.mark.parametrize(
    ("fields", "seconds_before_now"),
    [
        ({}, 0),
        ({"timestamp": "2026-11-22T09:59:00Z"}, 60),
        ({"timestamp": "2026-11-22T17:59:00+08:00"}, 60),
        ({"timestamp": "2026-11-22T09:59:00"}, 60),
        ({"timestamp": "2026-11-22"}, 36_000),
        ({"timestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:00:05Z"}, 5),
        ({"originalTimestamp": "2026-11-22T09:59:00Z"}, 60),
        ({"originalTimestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:00:05Z"}, 5),
        ({"timestamp": "2026-11-22T09:00:00Z", "originalTimestamp": "2026-11-22T09:59:00Z"}, 3600),
        (
            {
                "timestamp": "2026-11-22T09:59:00Z",
                "originalTimestamp": "2020-01-01T00:00:00Z",
                "sentAt": "2020-01-01T00:00:05Z",
            },
            60,
        ),
        ({"timestamp": "2026-11-22T10:00:10Z"}, -10),
    ],
)
def test_event_time_on_our_clock(fields: dict[str, str], seconds_before_now: int) -> None:
    [record] = records(batch(event(**fields)))
    assert NOW - record.meta.event_time.ToDatetime(UTC) == timedelta(seconds=seconds_before_now)
    assert record.meta.accept_time.ToDatetime(UTC) == NOW
    assert record.meta.historical == (seconds_before_now > 3600)


def test_times_of_the_first_year_do_not_overflow() -> None:
    [record] = records(batch(event(timestamp="0001-01-01T00:00:00Z")))
    assert record.meta.event_time.ToDatetime().year == 1
    assert reasons(batch(event(timestamp="0001-01-01T00:00:00+08:00"))) == [Reason.TIMESTAMP_INVALID]


def test_sent_at_of_the_batch_counts_where_the_event_has_none() -> None:
    found = records(
        batch(
            event(timestamp="2020-01-01T00:00:00Z"),
            event(timestamp="2020-01-01T00:00:00Z", sentAt="2020-01-01T00:00:01Z"),
            sentAt="2020-01-01T00:00:09Z",
        )
    )
    assert [(NOW - r.meta.event_time.ToDatetime(UTC)).seconds for r in found] == [9, 1]


def test_the_bulk_lane_is_historical() -> None:
    [record] = records(batch(GOOD), Call(NOW, "bulk"))
    assert record.meta.historical


def test_a_missing_message_id_is_derived_from_body_and_kind() -> None:
    nameless = {"type": "track", "event": "e", "userId": "u"}
    one, two, other = records(batch(nameless, nameless, {**nameless, "userId": "v"}))
    assert one.meta.record_id == two.meta.record_id != other.meta.record_id
    single = read_single(b'{"userId":"u","groupId":"g","event":"e"}')
    ids = {
        ingest_pb2.IngestRecord.FromString(
            decode(single, Call(NOW, "live", kind=kind)).records[0]
        ).meta.record_id
        for kind in ("track", "group", "identify")
    }
    assert len(ids) == 3


def test_a_group_is_named_by_its_group_id() -> None:
    [record] = records(batch({"type": "group", "userId": "u", "groupId": "g1", "traits": {"plan": "x"}}))
    assert (record.kind, record.name) == (ingest_pb2.INGEST_KIND_GROUP, "g1")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", BodyReason.JSON_INVALID),
        (b'{"batch":[', BodyReason.JSON_INVALID),
        (b'{"batch":[{"a":"\\ud800]}', BodyReason.JSON_INVALID),
        (b'{"batch":["\xff"]}', BodyReason.JSON_INVALID),
        (b"[" * 200_000, BodyReason.JSON_INVALID),
        (b'"x"', BodyReason.BODY_NOT_OBJECT),
        (b"{}", BodyReason.BATCH_NOT_ARRAY),
        (b'{"batch":null}', BodyReason.BATCH_NOT_ARRAY),
        (b'{"batch":[],"lane":"x"}', BodyReason.LANE_UNKNOWN),
        (b'{"batch":[],"sentAt":"x"}', BodyReason.SENT_AT_INVALID),
        (b'{"batch":[],"context":[]}', BodyReason.CONTEXT_NOT_OBJECT),
    ],
)
def test_bodies_refused_as_a_whole(body: bytes, reason: BodyReason) -> None:
    with pytest.raises(BodyRefused) as refused:
        read_batch(body)
    assert refused.value.reason == reason


def test_malformed_json_says_where() -> None:
    with pytest.raises(BodyRefused, match="byte 10 of 12"):
        read_batch(b'{"batch": x}')


def test_an_unclosed_string_of_many_escapes_is_refused_quickly() -> None:
    with pytest.raises(BodyRefused):
        read_batch(b'{"batch":["' + b'\\"' * 240_000)


def test_inflate() -> None:
    assert inflate(b"x", "") == b"x"
    assert inflate(gzip.compress(b"ab") + gzip.compress(b"cd"), "gzip") == b"abcd"
    for body, encoding, reason in (
        (b"{}", "gzip", BodyReason.GZIP_INVALID),
        (gzip.compress(b"{}")[:-1], "gzip", BodyReason.GZIP_INVALID),
        (b"", "br", BodyReason.ENCODING_UNKNOWN),
        (gzip.compress(b"x" * (MAX_BODY + 1)), "gzip", BodyReason.BODY_TOO_LARGE),
        (gzip.compress(b"x" * MAX_BODY) + gzip.compress(b"xy"), "gzip", BodyReason.BODY_TOO_LARGE),
        (gzip.compress(b"") * 65, "gzip", BodyReason.GZIP_INVALID),
    ):
        with pytest.raises(BodyRefused) as refused:
            inflate(body, encoding)
        assert refused.value.reason == reason


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(st.characters(min_codepoint=0xD7FE, max_codepoint=0xE001)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
odd = st.none() | json_values
wild = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias", "x"]) | odd,
        "event": st.just("Seen") | odd,
        "name": odd,
        "messageId": odd,
        "userId": st.text(min_size=1) | odd,
        "anonymousId": odd,
        "previousId": odd,
        "groupId": odd,
        "timestamp": st.datetimes().map(datetime.isoformat) | odd,
        "sentAt": st.datetimes().map(datetime.isoformat) | odd,
        "properties": st.dictionaries(st.text(), json_values, max_size=3) | odd,
        "traits": st.fixed_dictionaries({"external_ids": odd}) | odd,
        "context": st.fixed_dictionaries({"externalIds": odd, "org_unit": odd}) | odd,
    },
)
ids = st.text(min_size=1, max_size=20) | st.none()
likely = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias"]),
        "event": st.text(min_size=1, max_size=20),
        "userId": ids,
        "anonymousId": ids,
        "previousId": ids,
        "groupId": ids,
        "properties": st.dictionaries(
            st.text(max_size=5), st.text(max_size=9) | st.floats(-9, 9), max_size=3
        ),
        "context": st.fixed_dictionaries(
            {
                "externalIds": st.lists(
                    st.fixed_dictionaries({"type": st.just("crm_id"), "id": ids}), max_size=3
                )
            }
        ),
        "timestamp": st.datetimes(max_value=datetime(2026, 11, 23)).map(datetime.isoformat) | st.none(),
    }
)
seen: Counter[str] = Counter()


@settings(max_examples=400, deadline=None)
@given(st.lists(likely | wild | json_values, max_size=6), st.integers(0, 6))
def test_every_event_is_accepted_or_refused_and_good_ones_survive(events: list[Any], at: int) -> None:
    good = event(messageId="the good one", properties={"深": ["\U00020bb7", 1.5]})
    events.insert(min(at, len(events)), good)
    found = decoded(batch(*events))
    assert len(found.records) + len(found.rejected) == len(events)
    read = [ingest_pb2.IngestRecord.FromString(record) for record in found.records]
    assert "the good one" in {record.meta.record_id for record in read}
    for record in read:
        assert record.meta.record_id
        assert record.identifiers
        assert record.kind
        for part in (record.properties_json, record.traits_json, record.context_json):
            assert not part or isinstance(json.loads(part), dict)
    indexes = [one.index for one in found.rejected]
    assert indexes == sorted(set(indexes))
    seen.update(one.reason.value for one in found.rejected)
    seen["accepted beside the good one"] += len(read) - 1


def test_the_property_reached_its_branches() -> None:
    print("refused by reason:", dict(seen))
    assert seen["accepted beside the good one"] > 10
    for reason in (Reason.LONE_SURROGATE, Reason.IDENTIFIER_MISSING, Reason.EVENT_TYPE_UNKNOWN):
        assert seen[reason.value] > 5


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | json_values.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (read_batch, read_single):
        try:
            found = read(body)
        except BodyRefused:
            continue
        decode(found, Call(NOW, "live", kind="track"))
    with contextlib.suppress(BodyRefused):
        bodies.inflate(body, "gzip")
