"""Formats, headers and meanings of columns, told from the beginning of a file."""

import pytest
from gateway_service.imports.layout import NotReadable, csv_layout, format_of, labels, ndjson_layout
from gateway_service.imports.suggest import suggest


@pytest.mark.parametrize(
    ("head", "told", "found"),
    [
        (b"a,b\n", "", "csv"),
        (b'\xef\xbb\xbf {"a": 1}', "", "ndjson"),
        (b"PAR1...", "", "parquet"),
        (b"PAR1...", "csv", "parquet"),
        (b"[1] price,b", "csv", "csv"),
    ],
)
def test_the_format_is_told_by_the_first_bytes(head: bytes, told: str, found: str) -> None:
    assert format_of(head, told) == found


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08", b'[{"a": 1}]'])
def test_what_is_something_else_is_refused_with_advice(head: bytes) -> None:
    with pytest.raises(NotReadable, match="this is"):
        format_of(head, "")
    with pytest.raises(NotReadable):
        format_of(b"a,b", "parquet")


@pytest.mark.parametrize(
    ("text", "header", "columns"),
    [
        ("手机号;城市\n1;2\n", True, ("手机号", "城市")),
        ("13912345678\t上海\n13812345678\t杭州\n", False, ("column 1", "column 2")),
        ("x,y\n1,2\n", True, ("x", "y")),
        ("1,2\n3,4\n", False, ("column 1", "column 2")),
        ('"a,b"\n"1,2"\n', True, ("a", "b")),
        ("only\n1\n", True, ("only",)),
        ("email\na@b.cn\n", True, ("email",)),
        ("a@b.cn\nb@b.cn\n", False, ("column 1",)),
    ],
)
def test_a_header_is_told_from_a_row(text: str, header: bool, columns: tuple[str, ...]) -> None:
    layout = csv_layout(text, "utf-8")
    assert (layout.header, layout.columns) == (header, columns)


def test_every_column_has_a_name_of_its_own() -> None:
    assert labels(["a", "a", "", " a ", "a (2)"]) == ("a", "a (2)", "column 3", "a (3)", "a (2) (2)")


def test_columns_are_suggested_by_name_and_by_content() -> None:
    rows = [
        {"会员号": f"m{n}", "联系方式": f"1391234567{n}", "mail": f"a{n}@b.cn", "生日(公历)": f"2/{n + 13}/1990",
         "分": str(n), "编号": f"00{n}", "vip": "是", "首单": f"2024-01-0{n + 1} 10:00:00", "词": "x", "空": ""}
        for n in range(5)
    ]  # fmt: skip
    found = suggest(list(rows[0]), rows)
    assert [(one.to, one.type, one.called, one.date_order) for one in found.columns] == [
        ("identifier", "member_id", "会员号", "ymd"),
        ("identifier", "phone", "联系方式", "ymd"),
        ("identifier", "email", "mail", "ymd"),
        ("trait", "date", "birthday", "mdy"),
        ("trait", "number", "分", "ymd"),
        ("trait", "text", "编号", "ymd"),
        ("trait", "boolean", "vip", "ymd"),
        ("trait", "time", "首单", "ymd"),
        ("trait", "text", "词", "ymd"),
        ("trait", "text", "空", "ymd"),
    ]
    assert (found.event, found.time_zone) == ("", "Asia/Shanghai")


def test_events_are_suggested_where_a_column_names_them() -> None:
    rows = [{"user_id": "u1", "event": "Bought", "timestamp": "2024-01-01T00:00:00Z"}]
    assert [one.to for one in suggest(list(rows[0]), rows).columns] == [
        "identifier",
        "event_name",
        "event_time",
    ]
    del rows[0]["event"]
    assert [one.to for one in suggest(list(rows[0]), rows).columns] == ["identifier", "trait"]


def test_columns_of_ndjson_are_those_seen() -> None:
    layout = ndjson_layout('{"a": 1}\n\nnonsense\n{"b": {"c": [1]}}', "utf-8")
    assert layout.columns == ("a", "b")
    with pytest.raises(NotReadable):
        ndjson_layout("1\n2\n", "utf-8")
