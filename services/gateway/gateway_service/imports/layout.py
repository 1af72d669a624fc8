"""How a file is laid out, found from its beginning: format, separator, header, columns. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from gateway_service.imports.csv_rows import CsvRows
from gateway_service.imports.faults import Broken
from gateway_service.imports.header_words import known_word
from gateway_service.imports.values import NotOne, day, number, trimmed

Format = Literal["csv", "ndjson", "parquet"]
DELIMITERS = (",", "\t", ";", "|")
MAX_COLUMNS = 500
SAMPLE_ROWS = 200
"""Looked at to find out what a column holds."""
_MAX_LABEL = 200
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive: save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV"),
    (b"\x1f\x8b", "compressed: send it with Content-Encoding: gzip, or unpacked"),
    (b"[", "a JSON array: send one object a line (NDJSON)"),
)
_CONTACT = re.compile(r"(?:\+?86)?1[3-9]\d{9}|[^\s@]+@[^\s@]+\.[^\s@]+")


class NotReadable(Exception):
    """The file is none that can be read; the text says why, and what to do."""


class Layout(msgspec.Struct, frozen=True):
    format: Format
    encoding: str = ""
    """Of a text."""
    delimiter: str = ""
    """Of CSV."""
    header: bool = False
    """Of CSV: whether the first row names the columns."""
    columns: tuple[str, ...] = ()
    """Of NDJSON those that were seen in the beginning; others may follow."""


def format_of(head: bytes, told: str) -> Format:
    """`told` is what the caller says it is, empty if nothing. Raises NotReadable."""
    if head.startswith(b"PAR1"):
        return "parquet"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for sign, advice in _SIGNS:
        if start.startswith(sign) and not (sign == b"[" and told == "csv"):
            raise NotReadable(f"this is {advice}")
    if told == "parquet":
        raise NotReadable("this is no Parquet file: it does not begin with PAR1")
    if told == "ndjson" or (not told and start.startswith(b"{")):
        return "ndjson"
    return "csv"


def csv_layout(text: str, encoding: str, delimiter: str = "", header: bool | None = None) -> Layout:
    """`text` is the beginning in whole lines. What is given is not looked for. Raises NotReadable."""
    delimiter = delimiter or max(DELIMITERS, key=lambda one: _fits(csv_sample(text, one)))
    first = next((row for row in csv_sample(text, delimiter) if row), None)
    if first is None:
        raise NotReadable("the file has no rows")
    if len(first) > MAX_COLUMNS:
        raise NotReadable(f"the file has {len(first)} columns; {MAX_COLUMNS} are the most")
    named = _names_columns(first) if header is None else header
    return Layout("csv", encoding, delimiter, named, labels(first if named else [""] * len(first)))


def csv_sample(text: str, delimiter: str, width: int | None = None) -> list[list[str]]:
    """The first rows; those that cannot be read are left out."""
    rows: list[list[str]] = []
    for row in CsvRows(delimiter, width).feed(text, end=True):
        if not isinstance(row, Broken):
            rows.append(row)
        if len(rows) > SAMPLE_ROWS:
            break
    return rows


def ndjson_layout(text: str, encoding: str) -> Layout:
    columns: dict[str, None] = {}
    for one in ndjson_sample(text):
        columns |= dict.fromkeys(one)
    if not columns:
        raise NotReadable("no line of the file's beginning is a JSON object")
    return Layout("ndjson", encoding, columns=tuple(columns)[:MAX_COLUMNS])


def ndjson_sample(text: str) -> list[dict[str, Any]]:
    found = []
    for line in text.split("\n")[:SAMPLE_ROWS]:
        if line.strip():
            try:
                found.append(msgspec.json.decode(line, type=dict[str, Any]))
            except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
                continue
    return found


def labels(first: Sequence[str]) -> tuple[str, ...]:
    """A name for each column, each another."""
    found: dict[str, None] = {}
    for at, cell in enumerate(first, 1):
        label = base = trimmed(cell)[:_MAX_LABEL] or f"column {at}"
        again = 2
        while label in found:
            label, again = f"{base} ({again})", again + 1
        found[label] = None
    return tuple(found)


def _fits(rows: Iterable[Sequence[str]]) -> tuple[float, int]:
    """How well a separator explains the rows: the share of them that have as many cells as the first."""
    widths = [len(row) for row in rows if row]
    if not widths or widths[0] < 2:
        return (0.0, 0)
    return (widths.count(widths[0]) / len(widths), widths[0])


def _names_columns(first: Sequence[str]) -> bool:
    """Whether a row holds names rather than values."""
    cells = [trimmed(cell) for cell in first]
    if any(map(known_word, cells)):
        return True
    filled = [cell for cell in cells if cell]
    return len(set(filled)) == len(filled) > 0 and not any(map(_looks_like_data, filled))


def _looks_like_data(cell: str) -> bool:
    if len(cell) > _MAX_LABEL or _CONTACT.fullmatch(cell):
        return True
    for read in (number, lambda one: day(one, "ymd")):
        try:
            read(cell)
        except NotOne:
            continue
        return True
    return False
