"""Rows to records: the same for the same row, whatever steps it is taken in; faults name row, column and reason."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from gateway_service.imports.convert import Converted, Converter, Row, claims_of
from gateway_service.imports.faults import Broken, Fault
from gateway_service.imports.layout import Layout
from gateway_service.imports.mapping import Mapping, wrong
from hypothesis import given, settings
from hypothesis import strategies as st
from waypost.profile.v1 import ingest_pb2

SEEN: Counter[str] = Counter()
AT = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = ("id", "phone", "born", "n", "event", "at")
PEOPLE: dict[str, Any] = {
    "columns": [
        {"column": "id", "to": "identifier", "type": "user_id"},
        {"column": "phone", "to": "identifier", "type": "phone"},
        {"column": "born", "to": "trait", "type": "date", "name": "birthday"},
        {"column": "n", "to": "trait", "type": "number"},
    ]
}


def converter(**other: Any) -> Converter:
    return Converter(Mapping.model_validate({**PEOPLE, **other}), "import-x-", AT, "crm")


def convert(made: Converter, rows: list[Row]) -> Converted:
    """As profile would have it that takes no telephone number with a zero in front."""
    drafts = made.drafts(rows)
    refused = [(c, "phone_invalid") for c in claims_of(drafts) if c.type == "phone" and c.value[:1] == "0"]
    return made.converted(drafts, refused)


def records(found: Converted) -> list[ingest_pb2.IngestRecord]:
    return [ingest_pb2.IngestRecord.FromString(one) for one in found.records]


def test_a_row_becomes_a_person() -> None:
    row = Row(2, {"id": " u1 ", "phone": "139 1234 5678", "born": "1990/1/2", "n": "1,000", "other": "x"})
    found = convert(converter(), [row])
    [record] = records(found)
    assert (found.rows, found.faults, found.rejected) == ([2], [], 0)
    assert record.kind == ingest_pb2.INGEST_KIND_IDENTIFY
    assert [(i.type, i.value) for i in record.identifiers] == [("user_id", "u1"), ("phone", "139 1234 5678")]
    assert json.loads(record.traits_json) == {"birthday": "1990-01-02", "n": 1000}
    assert (record.meta.record_id, record.meta.historical, record.source) == (
        "import-x-0000000002",
        True,
        "crm",
    )
    assert record.meta.event_time.ToDatetime(UTC) == AT


def test_a_row_becomes_an_event_of_its_own_time() -> None:
    columns = [
        {"column": "id", "to": "identifier", "type": "member_id"},
        {"column": "event", "to": "event_name"},
        {"column": "at", "to": "event_time"},
        {"column": "n", "to": "property", "type": "number", "name": "total"},
    ]
    made = converter(columns=columns, time_zone="Asia/Shanghai")
    found = convert(made, [Row(2, {"id": "m", "event": "Bought", "at": "2026-01-02 08:00", "n": "5"})])
    [record] = records(found)
    assert (record.kind, record.name) == (ingest_pb2.INGEST_KIND_TRACK, "Bought")
    assert record.meta.event_time.ToDatetime(UTC) == datetime(2026, 1, 2, tzinfo=UTC)
    assert json.loads(record.properties_json) == {"total": 5}
    assert convert(made, [Row(3, {"id": "m", "n": "5"})]).faults == [Fault(3, "", "", "event_name_missing")]


def test_faults_have_row_column_reason_and_a_masked_value() -> None:
    rows = [
        Row(2, {"id": "u1", "phone": "013912345678", "n": "x"}),
        Row(3, {"born": "1990-01-02"}),
        Row(4, {"id": "1.39E+10"}),
        Row(5, Broken("quote_unclosed", '"张三,13912345678')),
        Row(6, {"id": "u\ufffd"}),
        Row(7, {"id": "", "phone": " ", "n": None}),
        Row(8, {"id": "a\0b"}),
    ]
    found = convert(converter(), rows)
    assert (found.records, found.rejected) == ([], 6)
    assert [one for one in found.faults if one.row < 8] == [
        Fault(2, "n", "x", "not_a_number"),
        Fault(2, "phone", "013***78", "phone_invalid"),
        Fault(3, "", "", "identifier_missing"),
        Fault(4, "id", "1***", "spreadsheet_number"),
        Fault(5, "", '"张三***78', "quote_unclosed"),
        Fault(6, "id", "u***", "characters_damaged"),
    ]
    assert [one for one in found.faults if one.row == 8] == [Fault(8, "", "", "nul_character")]


def test_a_faulty_cell_may_be_left_out_alone() -> None:
    rows = [Row(2, {"id": "u1", "phone": "0", "n": "x"}), Row(3, {"phone": "0"})]
    found = convert(converter(faults="skip_value"), rows)
    assert [(found.rows, len(r.identifiers), r.traits_json) for r in records(found)] == [([2], 1, b"{}")]
    assert [(one.row, one.column) for one in found.faults] == [(2, "n"), (2, "phone"), (3, "phone")]
    assert found.rejected == 1


cells = st.sampled_from(("", "u1", "u2", "0139", "13912345678", "1990-01-02", "x", "5", "\0", "\ufffd"))
rows_of = st.lists(
    st.one_of(st.fixed_dictionaries(dict.fromkeys(COLUMNS, cells)), st.just(Broken("json_invalid")))
)


@settings(max_examples=200, derandomize=True)
@given(rows_of, st.lists(st.integers(1, 5)), st.sampled_from(("skip_row", "skip_value")))
def test_a_kill_at_any_step_and_going_on_gives_the_same_records(rows: Any, steps: Any, faults: str) -> None:
    numbered = [Row(n, row) for n, row in enumerate(rows, 2)]
    whole = convert(converter(faults=faults), numbered)
    sent: dict[str, bytes] = {}
    told: list[Fault] = []
    at = 0
    for size in [*steps, len(rows) + 1]:
        made = converter(faults=faults)  # another replica each time
        lost = convert(made, numbered[at : at + size])
        found = convert(made, numbered[at : at + size])  # sent, killed, and sent again
        for one in (*lost.records, *found.records):
            record = ingest_pb2.IngestRecord.FromString(one)
            assert sent.setdefault(record.meta.record_id, one) == one
        told += found.faults
        at += size
    assert list(sent.values()) == whole.records
    assert told == whole.faults
    assert len(whole.records) + whole.rejected <= len(rows)
    SEEN["records"] += bool(whole.records)
    SEEN["faults"] += bool(whole.faults)
    SEEN["steps"] += len(steps) > 2 and len(rows) > 4


def test_the_interesting_cases_were_reached() -> None:
    print(dict(SEEN))
    assert min(SEEN[name] for name in ("records", "faults", "steps")) >= 30


def test_what_is_wrong_with_a_mapping_is_told_with_its_place() -> None:
    mapping = Mapping.model_validate(
        {
            "event": "",
            "time_zone": "Mars",
            "columns": [
                {"column": "nobody", "to": "trait"},
                {"column": "id", "to": "trait", "type": "colour"},
                {"column": "id", "to": "property"},
                {"column": "at", "to": "event_time"},
                {"column": "born", "to": "event_time"},
            ],
        }
    )
    found = [(one.pointer, one.reason) for one in wrong(mapping, Layout("csv", columns=COLUMNS))]
    assert found == [
        ("/mapping/columns/0/column", "unknown_column"),
        ("/mapping/columns/1/column", "mapped_twice"),
        ("/mapping/columns/1/type", "unknown_value"),
        ("/mapping/columns/2/column", "mapped_twice"),
        ("/mapping/columns", "identifier_missing"),
        ("/mapping/columns", "ambiguous"),
        ("/mapping/event", "missing"),
        ("/mapping/time_zone", "unknown_value"),
    ]
    assert not list(wrong(Mapping.model_validate(PEOPLE), Layout("csv", columns=COLUMNS)))
