"""CSV that we write, for spreadsheets and for reading back."""

import csv
import io
from collections.abc import Iterable

MARK = b"\xef\xbb\xbf"
"""In front of the first line: without it Excel takes UTF-8 for something else."""
_FORMULA = ("=", "@", "\t", "\r")
_SIGNS = ("+", "-")


def line(cells: Iterable[object]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_guarded(cell) for cell in cells])
    return buffer.getvalue().encode("utf-8", "replace")


def _guarded(cell: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe; numbers, +86… among them, do not."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA + _SIGNS):
        return cell
    if cell.startswith(_SIGNS) and cell[1:].replace(".", "", 1).isdigit():
        return cell
    return f"'{cell}"
