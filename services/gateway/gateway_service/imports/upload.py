"""An upload: stored in pieces while it comes in, looked at on the way, and described when it is whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from chassis.clock import Clock
from chassis.ids import new_id

from gateway_service.imports.encodings import EncodingWatch, sample_of
from gateway_service.imports.layout import (
    Format,
    Layout,
    NotReadable,
    csv_layout,
    csv_sample,
    format_of,
    ndjson_layout,
    ndjson_sample,
)
from gateway_service.imports.reading import StoredFile
from gateway_service.imports.suggest import suggest
from gateway_service.imports.values import NotOne, plain
from gateway_service.problems import Problem
from gateway_service.store.import_files import PIECE, ImportFiles

_SHOWN_ROWS = 5
_SAMPLE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What the caller says of the file; what is empty or None is found out."""

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    file_id: UUID
    size: int
    digest: bytes
    watch: EncodingWatch


@dataclass(frozen=True, slots=True)
class Described:
    layout: Layout
    suggested: str
    """A Mapping as JSON."""
    samples: list[dict[str, Any]]


class Uploads:
    def __init__(self, files: ImportFiles, clock: Clock, most_bytes: int) -> None:
        self._files = files
        self._clock = clock
        self._most = most_bytes

    async def store(self, workspace_id: UUID, stream: AsyncIterator[bytes]) -> Stored:
        """Raises Problem 413 for what is too large; then, and when the caller hangs up, nothing is kept."""
        file_id, watch, digest = new_id(), EncodingWatch(), sha256()
        waiting, size, number = bytearray(), 0, 0
        try:
            async for piece in stream:
                size += len(piece)
                if size > self._most:
                    raise Problem(413, "BODY_TOO_LARGE", f"a file may have {self._most} bytes at most")
                watch.see(piece)
                digest.update(piece)
                waiting += piece
                while len(waiting) >= PIECE:
                    await self._add(workspace_id, file_id, number, bytes(waiting[:PIECE]))
                    del waiting[:PIECE]
                    number += 1
            if waiting:
                await self._add(workspace_id, file_id, number, bytes(waiting))
        except BaseException:
            await self._files.remove(workspace_id, file_id)
            raise
        return Stored(file_id, size, digest.digest(), watch)

    async def describe(self, workspace_id: UUID, stored: Stored, told: Told) -> Described:
        """Raises NotReadable."""
        layout, rows = await self._looked_at(workspace_id, stored, told)
        rows = [{name: _sample(cell) for name, cell in row.items()} for row in rows]
        suggested = suggest(layout.columns, rows)
        return Described(layout, suggested.model_dump_json(), rows[:_SHOWN_ROWS])

    async def _looked_at(
        self, workspace_id: UUID, stored: Stored, told: Told
    ) -> tuple[Layout, list[dict[str, Any]]]:
        if not stored.size:
            raise NotReadable("the file is empty")
        found: Format = format_of(stored.watch.head, told.format)
        if found == "parquet":
            file = StoredFile(self._files, workspace_id, stored.file_id, stored.size)
            layout = await file.parquet().layout()
            async for first, _ in file.parquet().rows(_SHOWN_ROWS * 20):
                return layout, first
            return layout, []
        encoding = told.encoding or stored.watch.verdict()
        text = sample_of(stored.watch.head, encoding, stored.size)
        if found == "ndjson":
            return ndjson_layout(text, encoding), ndjson_sample(text)
        layout = csv_layout(text, encoding, told.delimiter, told.header)
        rows = [row for row in csv_sample(text, layout.delimiter, len(layout.columns)) if row]
        return layout, [
            dict(zip(layout.columns, row, strict=False)) for row in rows[1 if layout.header else 0 :]
        ]

    async def _add(self, workspace_id: UUID, file_id: UUID, number: int, piece: bytes) -> None:
        await self._files.add(workspace_id, file_id, number, piece, self._clock.now())


def _sample(cell: Any) -> Any:
    """Of texts the beginning."""
    try:
        found = plain(cell)
        if isinstance(found, dict | list) and len(written := msgspec.json.encode(found)) > _SAMPLE_CHARS:
            found = written.decode()
        return found[:_SAMPLE_CHARS] if isinstance(found, str) else found
    except NotOne:
        return None
