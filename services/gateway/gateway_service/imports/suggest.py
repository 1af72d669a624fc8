"""What the columns of a file may be: by their names, else by what is in them. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway_service.imports import mapping
from gateway_service.imports.header_words import known_word
from gateway_service.imports.mapping import Column
from gateway_service.imports.values import (
    DateOrder,
    NotOne,
    boolean,
    day,
    moment,
    number,
    text,
    trimmed,
    zone_named,
)

SHARE = 0.8
"""Of a column's filled cells must look alike to tell what it is."""
_MOBILE = re.compile(r"(?:\+?86)?[ -]?1[3-9]\d(?:[ -]?\d{4}){2}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_LONGEST = 320
"""Characters of an address."""
_ZONE = "Asia/Shanghai"
"""Of files that name no offset; shown with the suggestion, to be changed."""
_LONG = 16
"""Digits from which on a number is an id: a double would not hold it."""


def suggest(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> mapping.Mapping:
    """A mapping to begin with. An event's name or time by the column's name alone makes no events of people."""
    cells = {name: _filled(row.get(name) for row in rows) for name in columns}
    found = [_column(name, cells[name]) for name in columns]
    if not any(one.to == "event_name" for one in found):
        found = [_as_trait(one) if one.to == "event_time" else one for one in found]
    return mapping.Mapping(columns=found, time_zone=_ZONE)


def _column(name: str, cells: Sequence[Any]) -> Column:
    if meaning := known_word(name):
        if meaning.to == "identifier":
            return Column(column=name, to="identifier", type=meaning.name)
        if meaning.to == "trait":
            return _valued(name, meaning.name, meaning.kind, cells)
        return Column(column=name, to="event_name" if meaning.to == "event_name" else "event_time")
    if _mostly(cells, _matches(_MOBILE)):
        return Column(column=name, to="identifier", type="phone")
    if _mostly(cells, _matches(_EMAIL)):
        return Column(column=name, to="identifier", type="email")
    return _valued(name, name, "", cells)


def _valued(column: str, name: str, kind: str, cells: Sequence[Any]) -> Column:
    """A trait of the kind that the cells are, of `kind` where they may be."""
    kinds: list[tuple[str, DateOrder, Callable[[Any], object]]] = [
        (kind_, order, read)
        for order in ("ymd", "dmy", "mdy")
        for kind_, read in (("date", _day_of(order)), ("time", _moment_of(order)))
    ]
    kinds += [("number", "ymd", _plain_number), ("boolean", "ymd", boolean), ("json", "ymd", _structure)]
    for found, order, read in kinds:
        if kind in ("", found) and _mostly(cells, _reads(read)):
            return Column(column=column, to="trait", name=name, type=found, date_order=order)
    return Column(column=column, to="trait", name=name, type="text")


def _as_trait(one: Column) -> Column:
    return Column(column=one.column, to="trait", name=one.column, type="time")


def _filled(cells: Any) -> list[Any]:
    return [cell for cell in map(trimmed, cells) if cell not in (None, "")]


def _mostly(cells: Sequence[Any], holds: Callable[[Any], bool]) -> bool:
    return bool(cells) and sum(map(holds, cells)) >= SHARE * len(cells)


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda cell: (
        isinstance(cell, str | int) and len(str(cell)) <= _LONGEST and bool(pattern.fullmatch(str(cell)))
    )


def _reads(read: Callable[[Any], object]) -> Callable[[Any], bool]:
    def holds(cell: Any) -> bool:
        try:
            read(cell)
        except NotOne:
            return False
        return True

    return holds


def _day_of(order: DateOrder) -> Callable[[Any], object]:
    def read(cell: Any) -> object:
        written = text(cell)
        if (written.isdigit() and len(written) != 8) or len(written) > 11:
            raise NotOne("not_a_date")
        return day(cell, order)

    return read


def _moment_of(order: DateOrder) -> Callable[[Any], object]:
    zone = zone_named(_ZONE)
    assert zone is not None

    def read(cell: Any) -> object:
        if text(cell).isdigit():
            raise NotOne("not_a_time")
        return moment(cell, order, zone)

    return read


def _plain_number(cell: Any) -> object:
    """Not what only looks like one: 007, or an id with more digits than a number keeps."""
    written = text(cell)
    if len(written) >= _LONG or (len(written) > 1 and written[0] == "0" and written[1].isdigit()):
        raise NotOne("not_a_number")
    return number(cell)


def _structure(cell: Any) -> object:
    if not isinstance(cell, dict | list):
        raise NotOne("not_a_text")
    return cell
