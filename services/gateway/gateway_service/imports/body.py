"""The body of an upload as it streams in: the file itself, or a form that holds it; compressed or not."""

import zlib
from collections.abc import AsyncIterator

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway_service.problems import FieldError, Problem

_TURN = 64 * 1024
_MAX_FIELD = 64 * 1024
_FORM = b"multipart/form-data"


async def inflated(stream: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The decompressed body in small pieces, whatever the compressed one promises."""
    if encoding in ("", "identity"):
        async for piece in stream:
            yield piece
        return
    if encoding != "gzip":
        raise Problem(400, "ENCODING_UNKNOWN", "content-encoding must be gzip or absent")
    member = zlib.decompressobj(wbits=31)
    try:
        async for piece in stream:
            while piece:
                if plain := member.decompress(piece, _TURN):
                    yield plain
                piece = member.unconsumed_tail
                if member.eof and member.unused_data:
                    piece, member = member.unused_data, zlib.decompressobj(wbits=31)
        while plain := member.decompress(b"", _TURN):
            yield plain
    except zlib.error as error:
        raise Problem(400, "GZIP_INVALID", "content-encoding says gzip, the body is not") from error
    if not member.eof:
        raise Problem(400, "GZIP_INVALID", "the gzip stream ends too early")


class Form:
    """multipart/form-data: one part named `file`, and small fields before or after it."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        self.is_one = kind == _FORM
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self._boundary = options.get(b"boundary", b"")
        self._header = self._disposition = b""
        self._value = bytearray()
        self._name = ""
        self._pieces: list[bytes] = []
        self._has_file = False

    async def file(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces of the file; the fields are there when it has ended."""
        if not self._boundary:
            raise _malformed("content-type names no boundary")
        parser = MultipartParser(
            self._boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
        )
        try:
            async for piece in stream:
                parser.write(piece)
                for found in self._pieces:
                    yield found
                self._pieces.clear()
            parser.finalize()
        except MultipartParseError as error:
            raise _malformed("the form cannot be read") from error
        if not self._has_file:
            raise _malformed("the form has no part named file")

    def _begin(self) -> None:
        self._header = self._disposition = b""
        self._name = ""
        self._value.clear()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = data[start:end].lower()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        if self._header == b"content-disposition":
            self._disposition += data[start:end]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name == "file":
            if self._has_file:
                raise _malformed("the form has two parts named file")
            self._has_file = True
            self.file_name = options.get(b"filename", b"").decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._name == "file":
            self._pieces.append(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > _MAX_FIELD:
            raise _malformed(f"a field may have {_MAX_FIELD} bytes at most")

    def _end(self) -> None:
        if self._name != "file":
            self.fields[self._name] = self._value.decode("utf-8", "replace")


def _malformed(detail: str) -> Problem:
    return Problem(400, "FIELD_INVALID", detail, errors=[FieldError(pointer="", reason="malformed")])
