"""CSV as it is found in the wild, piece after piece: the rows are the same wherever the pieces were cut.

Quotes may hold separators and line ends. A row wrapped as a whole in one pair of quotes, as some exports do, is
unwrapped. A quote that nobody closes spoils its own line, not the rest of the file.
"""

import csv
import io
from collections.abc import Iterator

from gateway_service.imports.faults import Broken

MAX_ROW_CHARS = 131_072


class CsvRows:
    def __init__(self, delimiter: str, width: int | None = None) -> None:
        """`width`: how many columns there are; None while that is to be found out."""
        self._delimiter = delimiter
        self._width = width
        self._rest = ""
        self._skipping = False

    def feed(self, text: str, *, end: bool = False) -> Iterator[list[str] | Broken]:
        """The rows that `text` completes, an empty line being an empty row; `end` says that nothing follows."""
        began_skipping = self._skipping
        lines = self._lines(text, end)
        if began_skipping and (lines or end):
            yield Broken("row_too_long")
            lines = lines[1:]
        at = 0
        while at < len(lines):
            line = lines[at]
            if '"' not in line and len(line) <= MAX_ROW_CHARS:
                # Nearly every line, at a fifth of what the reader takes.
                bare = line.rstrip("\r\n")
                yield bare.split(self._delimiter) if bare else []
                at += 1
                continue
            row, taken, dry = self._parse(lines, at)
            chars = sum(map(len, lines[at : at + taken]))
            if len(line.rstrip("\r\n")) > MAX_ROW_CHARS:
                yield Broken("row_too_long")
                at += 1
            elif dry and not end and chars <= MAX_ROW_CHARS:
                self._rest = "".join(lines[at:]) + self._rest
                return
            elif row is None or chars > MAX_ROW_CHARS:
                yield Broken("quote_unclosed", line)
                at += 1
            else:
                yield row
                at += taken

    def _parse(self, lines: list[str], at: int) -> tuple[list[str] | None, int, bool]:
        """A row, the lines that it takes, and whether it goes on behind the last. None: a quote is not closed."""
        pulled = _Pulled(lines, at)
        row = self._next(pulled, strict=True)
        if pulled.ran_dry:
            return None, pulled.at - at, True
        if row is not None and (pulled.at - at == 1 or self._width in (None, len(row))):
            return row, pulled.at - at, False
        # The quote has eaten the lines up to the next one, or stands in the middle of a cell: then the line is read
        # as it stands.
        alone = _Pulled(lines[at : at + 1], 0)
        row = self._next(alone, strict=False)
        return None if alone.ran_dry else row, 1, False

    def _next(self, pulled: "_Pulled", *, strict: bool) -> list[str] | None:
        try:
            return self._unwrapped(next(csv.reader(pulled, delimiter=self._delimiter, strict=strict)))
        except csv.Error:
            return None

    def _lines(self, text: str, end: bool) -> list[str]:
        """Whole lines with their ends; what may go on waits."""
        buffer = self._rest + text
        cut = len(buffer)
        if not end:
            # A carriage return at the very end may be half of a line's end.
            cut = max(buffer.rfind("\n"), buffer.rfind("\r", 0, -1)) + 1
        self._rest = buffer[cut:]
        self._skipping = self._skipping and not cut
        if self._skipping or len(self._rest.rstrip("\r")) > MAX_ROW_CHARS:
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
