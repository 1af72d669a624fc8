"""A file that is handed on while it is written."""

import io
from typing import Any


class Sink(io.RawIOBase):
    """Takes what is written, and hands it on."""

    def __init__(self) -> None:
        self._at = 0
        self._found = bytearray()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    @property
    def size(self) -> int:
        """Bytes not handed on yet."""
        return len(self._found)

    def write(self, data: Any) -> int:
        self._found += data
        self._at += len(data)
        return len(data)

    def taken(self) -> bytes:
        found, self._found = bytes(self._found), bytearray()
        return found
