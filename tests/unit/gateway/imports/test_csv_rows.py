"""Whatever rows are written in whatever dialect and encoding, they are read back, wherever the file is cut."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from gateway_service.imports.csv_rows import MAX_ROW_CHARS, CsvRows
from gateway_service.imports.encodings import EncodingWatch, codec_of, sample_of
from gateway_service.imports.faults import Broken
from gateway_service.imports.layout import DELIMITERS, csv_layout
from hypothesis import given, settings
from hypothesis import strategies as st

SEEN: Counter[str] = Counter()
HEADER = ("会员号", "手机号", "备注")

cells = st.one_of(
    st.sampled_from(
        ['a"b', "x,y", "z;w", "t\tt", "p|q", "行\n行", "one\r\ntwo", "", " 空 ", '"', '""', "𠮷野家"]
    ),
    st.text('abc12张三,;"\n', max_size=8),
)
tables = st.lists(st.tuples(st.sampled_from("123456789"), cells, cells), min_size=3, max_size=20)
dialects = st.tuples(
    st.sampled_from(DELIMITERS),
    st.sampled_from(("\n", "\r\n")),
    st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030")),
    st.booleans(),
)


def written(rows: list[tuple[str, ...]], delimiter: str, end: str, quoting: Any, wrapped: bool) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    for row in rows:
        if wrapped and row is not rows[0]:
            inner = io.StringIO(newline="")
            csv.writer(inner, delimiter=delimiter, lineterminator="\r\n").writerow(row)
            csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerow(
                [inner.getvalue().removesuffix("\r\n")]
            )
        else:
            writer.writerow(row)
    return out.getvalue()


def read(pieces: Iterator[bytes], encoding: str, delimiter: str) -> list[Any]:
    rows, decoder = CsvRows(delimiter, len(HEADER)), codecs.getincrementaldecoder(codec_of(encoding))()
    found = [row for piece in pieces for row in rows.feed(decoder.decode(piece))]
    return found + list(rows.feed(decoder.decode(b"", True), end=True))


@settings(max_examples=300, derandomize=True, deadline=None)
@given(tables, dialects, st.integers(1, 60))
def test_what_was_written_is_detected_and_read_back(rows: Any, dialect: Any, size: int) -> None:
    delimiter, end, quoting, encoding, wrapped = dialect
    data = written([HEADER, *rows], delimiter, end, quoting, wrapped).encode(encoding)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    watch = EncodingWatch()
    for piece in pieces:
        watch.see(piece)
    layout = csv_layout(sample_of(watch.head, watch.verdict(), len(data)), watch.verdict())
    assert data.decode(codec_of(layout.encoding)) == data.decode(encoding).removeprefix("\ufeff")
    SEEN[encoding] += 1
    SEEN["wrapped"] += wrapped
    SEEN["line ends in cells"] += any("\n" in cell for row in rows for cell in row)
    assert layout.header
    if layout.delimiter != delimiter:
        # Another separator may explain a few odd rows as well; then the caller says which it is.
        SEEN["ambiguous"] += 1
    found = read(iter(pieces), layout.encoding, delimiter)
    assert [tuple(row) for row in found[1:]] == rows


def test_the_interesting_ways_were_gone() -> None:
    print(dict(SEEN))
    assert min(SEEN[name] for name in ("utf-16-le", "gb18030", "utf-8-sig", "wrapped")) >= 10
    assert SEEN["line ends in cells"] >= 50
    assert SEEN["ambiguous"] <= 60


@settings(max_examples=400, derandomize=True)
@given(st.text('a,"\n\r;b', max_size=50), st.integers(1, 12), st.sampled_from((None, 1, 2, 3)))
def test_rows_do_not_depend_on_where_the_text_was_cut(text: str, size: int, width: int | None) -> None:
    whole = list(CsvRows(",", width).feed(text, end=True))
    rows = CsvRows(",", width)
    cut = [row for at in range(0, len(text), size) for row in rows.feed(text[at : at + size])]
    assert cut + list(rows.feed("", end=True)) == whole


def test_a_quote_that_nobody_closes_spoils_one_line() -> None:
    text = 'a,b\n1,2\n"open,3\n4,5\n"6","7"\n"last,8'
    rows = list(CsvRows(",", 2).feed(text, end=True))
    assert rows == [
        ["a", "b"],
        ["1", "2"],
        Broken("quote_unclosed", '"open,3\n'),
        ["4", "5"],
        ["6", "7"],
        Broken("quote_unclosed", '"last,8'),
    ]


@pytest.mark.parametrize("size", [1_000, 50_000, 10**6])
def test_a_row_without_end_is_one_fault_and_fills_no_memory(size: int) -> None:
    text = f"a,b\n{'x' * (3 * MAX_ROW_CHARS)},1\n2,3\n"
    rows = CsvRows(",", 2)
    found = []
    for at in range(0, len(text), size):
        found += rows.feed(text[at : at + size])
        assert len(rows._rest) <= MAX_ROW_CHARS + size
    found += rows.feed("", end=True)
    assert [row.reason if isinstance(row, Broken) else row for row in found] == [
        ["a", "b"],
        "row_too_long",
        ["2", "3"],
    ]


def test_big5_is_told_from_gb18030() -> None:
    for encoding, text in (("big5", "會員號,姓名\n1,張三豐\n"), ("gb18030", "会员号,姓名\n1,张三丰\n")):
        watch = EncodingWatch()
        watch.see(text.encode(encoding))
        assert watch.verdict() == encoding
