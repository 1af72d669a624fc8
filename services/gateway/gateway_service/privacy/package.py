"""A file of all that is held of somebody: kept as lines, handed out as JSON or as a ZIP of CSV files."""

import io
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gateway_service.csv_out import MARK, line
from gateway_service.privacy.words import SERVICES
from gateway_service.sink import Sink

_HOLD = 256 * 1024


class Line(NamedTuple):
    """A row of what a service holds."""

    service: str
    section: str
    row: Mapping[str, Any]


def encoded(service: str, section: str, row_json: bytes) -> bytes:
    return msgspec.json.encode(Line(service, section, msgspec.Raw(row_json))) + b"\n"  # type: ignore[arg-type]


async def lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[Line]:
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for one in whole:
            yield msgspec.json.decode(one, type=Line)


async def as_json(about: Mapping[str, Any], rows: AsyncIterator[Line]) -> AsyncIterator[bytes]:
    """{"about": …, "data": {service: {section: [row, …]}}}."""
    encode = msgspec.json.encode
    held = io.BytesIO()
    held.write(b'{"about":' + encode(dict(about)) + b',"data":{')
    service = section = ""
    async for one in rows:
        if one.service != service:
            held.write((b"]}," if service else b"") + encode(one.service) + b":{")
            section = ""
        if one.section != section:
            held.write((b"]," if section else b"") + encode(one.section) + b":[")
        else:
            held.write(b",")
        held.write(encode(one.row))
        service, section = one.service, one.section
        if held.tell() >= _HOLD:
            yield held.getvalue()
            held = io.BytesIO()
    held.write((b"]}" if service else b"") + b"}}\n")
    yield held.getvalue()


async def as_zip(sections: Sequence[Mapping[str, Any]], rows: AsyncIterator[Line]) -> AsyncIterator[bytes]:
    """A CSV file for each section: nested values are JSON texts."""
    columns = {(s["service"], s["section"]): s["columns"] for s in sections}
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        entry: Any = None
        at = ("", "")
        async for one in rows:
            if (one.service, one.section) != at:
                at = (one.service, one.section)
                if entry:
                    entry.close()
                entry = archive.open(f"{one.service}/{one.section}.csv", "w")
                entry.write(MARK + line(columns[at]))
            entry.write(line(_cell(one.row.get(name)) for name in columns[at]))
            if sink.size >= _HOLD:
                yield sink.taken()
        if entry:
            entry.close()
    yield sink.taken()


def about(kind: str, reference: str, created_at: str) -> dict[str, Any]:
    return {
        "request": kind,
        "reference": reference,
        "requested_at": created_at,
        "services": {name: {"label_en": en, "label_zh": zh} for name, (en, zh) in SERVICES.items()},
    }


def _cell(value: Any) -> object:
    if value is None:
        return ""
    return value if isinstance(value, str | int | float) else msgspec.json.encode(value).decode()
