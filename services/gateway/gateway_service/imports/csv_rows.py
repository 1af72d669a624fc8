"""CSV as it is found in the wild, piece after piece: the rows are the same wherever the pieces were cut.

Quotes may hold separators and line ends. A row wrapped as a whole in one pair of quotes, as some exports do, is
unwrapped. A quote that nobody closes spoils its own line, not the rest of the file.
"""

import csv
import io
from collections.abc import Iterator

from gateway_service.imports.faults import Broken

MAX_ROW_CHARS = 131_072
_UNCLOSED = "quote_unclosed"


class CsvRows:
    def __init__(self, delimiter: str, width: int | None = None) -> None:
        """`width`: how many columns there are; None while that is to be found out."""
        self._delimiter = delimiter
        self._width = width
        self._rest = ""
        self._skipping = False

    def feed(self, text: str, *, end: bool = False) -> Iterator[list[str] | Broken]:
        """The rows that `text` completes, an empty line being an empty row; `end` says that nothing follows."""
        lines = self._lines(text, end)
        if self._skipping and (lines or end):
            self._skipping = False
            yield Broken("row_too_long")
            lines = lines[1:]
        at = 0
        while at < len(lines):
            pulled = _Pulled(lines, at)
            row, fault = self._row(pulled)
            chars = sum(map(len, lines[at : pulled.at]))
            if row is not None and pulled.ran_dry and not end and chars <= MAX_ROW_CHARS:
                self._rest = "".join(lines[at:]) + self._rest
                return
            if len(lines[at].rstrip("\r\n")) > MAX_ROW_CHARS:
                row, fault = None, "row_too_long"
            elif pulled.ran_dry or chars > MAX_ROW_CHARS:
                row = None
            if row is None:
                yield Broken(fault, lines[at])
                at += 1
            else:
                yield row
                at = pulled.at

    def _row(self, pulled: "_Pulled") -> tuple[list[str] | None, str]:
        """The next row; None when a quote that is not closed has eaten the lines up to the next quote."""
        begin = pulled.at
        try:
            row = self._unwrapped(next(csv.reader(pulled, delimiter=self._delimiter)))
        except csv.Error:
            return None, _UNCLOSED
        if (
            pulled.at - begin > 1
            and self._width is not None
            and len(row) != self._width
            and not pulled.ran_dry
        ):
            return None, _UNCLOSED
        return row, _UNCLOSED

    def _lines(self, text: str, end: bool) -> list[str]:
        """Whole lines with their ends; what may go on waits."""
        buffer = self._rest + text
        cut = len(buffer)
        if not end:
            # A carriage return at the very end may be half of a line's end.
            cut = max(buffer.rfind("\n"), buffer.rfind("\r", 0, -1)) + 1
        self._rest = buffer[cut:]
        if len(self._rest.rstrip("\r")) > MAX_ROW_CHARS:
            self._rest, self._skipping = "", True
        return list(io.StringIO(buffer[:cut], newline=""))

    def _unwrapped(self, row: list[str]) -> list[str]:
        if len(row) != 1 or self._width == 1 or self._delimiter not in row[0]:
            return row
        inner = list(csv.reader(io.StringIO(row[0], newline=""), delimiter=self._delimiter))
        if len(inner) == 1 and len(inner[0]) == (self._width or len(inner[0])):
            return inner[0]
        return row


class _Pulled:
    """Lines for the reader, and how many it took."""

    def __init__(self, lines: list[str], at: int) -> None:
        self._lines = lines
        self.at = at
        self.ran_dry = False

    def __iter__(self) -> "_Pulled":
        return self

    def __next__(self) -> str:
        if self.at == len(self._lines):
            self.ran_dry = True
            raise StopIteration
        self.at += 1
        return self._lines[self.at - 1]
