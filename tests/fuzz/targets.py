"""Each target takes any bytes and raises when something gives way. `make fuzz T=name` searches for such bytes."""

import codecs
import contextlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import rules
from chassis.errors import DataError, InvalidArgument
from dispatch_service.domain.content import Content
from dispatch_service.rendering import MAX_OUTPUT, LiquidRenderer
from gateway_service.imports.convert import Converter, Row
from gateway_service.imports.encodings import EncodingWatch, codec_of, sample_of
from gateway_service.imports.faults import Broken
from gateway_service.imports.layout import (
    SAMPLE_ROWS,
    Layout,
    NotReadable,
    csv_layout,
    format_of,
    ndjson_layout,
)
from gateway_service.imports.mapping import wrong
from gateway_service.imports.reading import CsvTable, NdjsonTable
from gateway_service.imports.suggest import suggest
from gateway_service.ingest.body import MAX_BODY, inflate, read_batch, read_single
from gateway_service.ingest.decode import Call, decode
from gateway_service.ingest.reasons import BodyRefused
from journey_service.usecases.edit_journeys import check_definition
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.events.read_ingest import MAX_ISSUES, read_call
from profile_service.phones import parse_phone
from segment_service.reading import read_rule
from waypost.profile.v1 import ingest_pb2

from tests.unit.dispatch._liquid import ENTRY
from tests.unit.dispatch._made import intention

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CPU_S = 2.0
"""More processor time than any input may take."""
_RENDERER = LiquidRenderer()


def body(data: bytes) -> int:
    """A request body, compressed or not, as a batch and as single calls: read or refused; what is accepted profile
    can read. The number of events accepted."""
    accepted = 0
    for encoding in ("", "gzip"):
        try:
            plain = inflate(data, encoding)
        except BodyRefused:
            continue
        assert encoding == "" or len(plain) <= MAX_BODY
        for read, kind in ((read_batch, None), (read_single, "track"), (read_single, "identify")):
            try:
                found = read(plain)
            except BodyRefused:
                continue
            decoded = decode(found, Call(NOW, "live", kind=kind))
            assert len(decoded.records) + len(decoded.rejected) == len(found.events)
            for record in decoded.records:
                _stored(record)
            accepted += len(decoded.records)
    return accepted


def _stored(record: bytes) -> None:
    message = ingest_pb2.IngestRecord.FromString(record)
    for part in (message.properties_json, message.traits_json, message.context_json):
        assert not part or isinstance(json.loads(part), dict)
        assert b"\\u0000" not in part.replace(b"\\\\", b"")
    with contextlib.suppress(DataError):
        call = read_call(record, parse_phone, IdentitySettings())
        assert len(call.issues) <= MAX_ISSUES


def rule(data: bytes) -> int:
    """A rule as segment reads it: normalised, priced and described in words, or refused with a pointer. 1 when read."""
    try:
        found = read_rule(data)
    except InvalidArgument:
        return 0
    assert rules.parse(rules.render(rules.normalise(found)))
    assert all(rules.describe(found))
    rules.needs(found)
    rules.cost_of(found)
    rules.evaluate(found, rules.Facts(now_ms=1_800_000_000_000))
    return 1


def template(data: bytes) -> int:
    """A template: parsed and rendered, or refused. 1 when it rendered."""
    text = data.decode(errors="replace").replace("\0", "")[:4_000]
    _RENDERER.problem(text)
    rendered = _RENDERER.render(Content(text=text), intention(variables={"entry": ENTRY}))
    assert len(rendered.content.text.encode()) <= MAX_OUTPUT
    assert bool(rendered.content.text) != bool(rendered.problem)
    return bool(rendered.content.text)


def definition(data: bytes) -> int:
    """A journey definition: understood, or refused with pointers. 1 when understood."""
    _, problems = check_definition(data)
    return not problems


def file(data: bytes) -> int:
    """A file to be imported: laid out, its columns suggested, its rows read whichever way it is cut, and made into
    calls that profile can read; or refused. The number of calls."""
    watch = EncodingWatch()
    watch.see(data)
    encoding = watch.verdict()
    try:
        kind = format_of(data, "")
        if kind == "parquet":
            return 0
        text = sample_of(watch.head, encoding, len(data))
        layout = ndjson_layout(text, encoding) if kind == "ndjson" else csv_layout(text, encoding)
    except NotReadable:
        return 0
    pieces = [data[: len(data) // 3], data[len(data) // 3 :]]
    rows = _rows(layout, [data])
    assert rows == _rows(layout, pieces)
    samples = [row.cells for row in rows[:SAMPLE_ROWS] if not isinstance(row.cells, Broken)]
    mapping = suggest(layout.columns, samples)
    assert not [one for one in wrong(mapping, layout) if one.reason != "identifier_missing"]
    converter = Converter(mapping, "import-x-", NOW, "fuzz")
    drafts = converter.drafts(rows)
    found = converter.converted(drafts, [])
    assert len(found.records) == len(found.rows)
    assert len(found.records) + found.rejected == len(drafts)
    for record in found.records:
        _stored(record)
    return len(found.records)


def _rows(layout: Layout, pieces: list[bytes]) -> list[Row]:
    table = CsvTable(layout) if layout.format == "csv" else NdjsonTable()
    text = codecs.getincrementaldecoder(codec_of(layout.encoding))("replace")
    found = [row for piece in pieces for row in table.feed(text.decode(piece))]
    return [*found, *table.feed(text.decode(b"", True), end=True)]


def in_time(target: Callable[[bytes], int], data: bytes) -> int:
    """What the target says. AssertionError when it took too much processor time."""
    before = time.process_time()
    found = target(data)
    took = time.process_time() - before
    assert took < CPU_S, f"took {took:.1f} s"
    return found


TARGETS: dict[str, Callable[[bytes], int]] = {
    one.__name__: one for one in (body, rule, template, definition, file)
}
