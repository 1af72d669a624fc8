"""Cells → values, the many ways that people and spreadsheets write them. Pure; a cell that is none raises NotOne."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

DateOrder = Literal["ymd", "dmy", "mdy"]
SHORTENED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}")
"""A long number after a spreadsheet had it: 1.39E+10."""
DAMAGED = "\ufffd"
_INVISIBLE = "\ufeff\u200b"
_ODD = "=" + _INVISIBLE
_FORMULA = re.compile(r'="([^"]*)"')
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")
_LONGEST = 64
"""Characters of a number or time."""
_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
_PLAIN = re.compile(r"-?\d{1,12}\.\d{0,3}[1-9]", re.ASCII)
_MONEY = "¥￥$€"
_YES = frozenset({"true", "yes", "y", "t", "1", "on", "是", "有", "对", "真"})
_NO = frozenset({"false", "no", "n", "f", "0", "off", "否", "无", "错", "假"})
_DATE = re.compile(
    r"(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})\s*日?"
    r"(?:[T\s]+(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,]\d+)?)?秒?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")
_ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
_EPOCH_MS = 100_000_000_000
"""Numbers from here on are milliseconds since 1970, smaller ones seconds."""


class NotOne(ValueError):
    """The cell holds no value of the kind; the argument is the reason."""


def trimmed(cell: Any) -> Any:
    """A text without the blanks and the `="…"` that spreadsheets put around it; other values as they are."""
    if not isinstance(cell, str):
        return cell
    cell = cell.strip()
    if cell and cell[0] in _ODD and (found := _FORMULA.fullmatch(cell := cell.strip(_INVISIBLE))):
        return found[1]
    return cell


def text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | Decimal):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    raise NotOne("not_a_text")


def number(cell: Any) -> int | float:
    if isinstance(cell, bool):
        raise NotOne("not_a_number")
    if isinstance(cell, int | float | Decimal):
        return _finite(cell)
    written = text(cell)
    if _WHOLE.fullmatch(written):
        return _finite(int(written))
    if _PLAIN.fullmatch(written):
        return float(written)
    plain = written.strip(_MONEY + " ")
    if not plain or len(plain) > _LONGEST or not _NUMBER.fullmatch(plain):
        raise NotOne("not_a_number")
    try:
        return _finite(Decimal(plain.replace(",", "")))
    except ArithmeticError as error:
        raise NotOne("not_a_number") from error


def _finite(value: int | float | Decimal) -> int | float:
    if isinstance(value, int):
        if abs(value) >= 2**63:
            raise NotOne("not_a_number")
        return value
    found = float(value)
    if not math.isfinite(found):
        raise NotOne("not_a_number")
    return int(value) if found.is_integer() and abs(found) < 2**53 else found


def boolean(cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    word = text(cell).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise NotOne("not_a_boolean")


def day(cell: Any, order: DateOrder) -> str:
    """YYYY-MM-DD."""
    try:
        if isinstance(cell, str) and len(cell) == 10 and cell[4] == cell[7] == "-" and cell.isascii():
            date.fromisoformat(cell)  # as most are: eight times as fast
            return cell
    except ValueError as error:
        raise NotOne("not_a_date") from error
    try:
        return _moment(cell, order, UTC).date().isoformat()
    except NotOne as error:
        raise NotOne("not_a_date") from error


def moment(cell: Any, order: DateOrder, zone: tzinfo) -> str:
    """RFC 3339; a time without an offset is the zone's."""
    found = _moment(cell, order, zone)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()


def _moment(cell: Any, order: DateOrder, zone: tzinfo) -> datetime:
    try:
        if isinstance(cell, datetime):
            return cell
        if isinstance(cell, date):
            return datetime(cell.year, cell.month, cell.day)
        return _read(text(cell), order, zone)
    except (ValueError, OverflowError) as error:
        raise NotOne("not_a_time") from error


def _read(written: str, order: DateOrder, zone: tzinfo) -> datetime:
    if len(written) > _LONGEST:
        raise NotOne("not_a_time")
    if found := _DATE.fullmatch(written):
        parts = [int(found[at + 1]) for at in ((0, 1, 2) if len(found[1]) == 4 else _ORDERS[order])]
        year, month, of_month = parts
        if year < 100:
            raise NotOne("not_a_time")  # which century is anybody's guess
        hour, minute, second = (int(part or 0) for part in found.groups()[3:])
        return datetime(year, month, of_month, hour, minute, second)
    if (found := _COMPACT.fullmatch(written)) and 1800 <= int(found[1]) <= 2200:
        return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
    if written.isdigit() and 9 <= len(written) <= 13:
        seconds = int(written) / (1000 if int(written) >= _EPOCH_MS else 1)
        return datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    if len(written) >= 10 and (_OFFSET.search(written) or "T" in written):
        return datetime.fromisoformat(written)
    raise NotOne("not_a_time")


def zone_named(name: str) -> tzinfo | None:
    """None when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


Reader = Callable[[Any], Any]
KINDS = ("text", "number", "boolean", "date", "time", "json")


def reader(kind: str, order: DateOrder, zone: tzinfo) -> Reader:
    """What reads cells of a kind."""
    readers: dict[str, Reader] = {
        "text": text,
        "number": number,
        "boolean": boolean,
        "date": lambda cell: day(cell, order),
        "time": lambda cell: moment(cell, order, zone),
        "json": plain,
    }
    return readers[kind]


def plain(cell: Any) -> Any:
    """The value as it is, where JSON has it."""
    if isinstance(cell, dict):
        return {text(key): plain(value) for key, value in cell.items()}
    if isinstance(cell, list | tuple):
        return [plain(value) for value in cell]
    if cell is None or isinstance(cell, bool | str):
        return cell
    return number(cell) if isinstance(cell, int | float | Decimal) else text(cell)
