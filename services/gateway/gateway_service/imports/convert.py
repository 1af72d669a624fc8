"""Rows of a file → records of INGEST: the cells into values, these into a call of the Segment spec, and that through
the same decoder as every other call. Pure but for the question, put in between, which identifiers can be any."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from gateway_service.imports import mapping as mappings
from gateway_service.imports.faults import Broken, Fault, is_personal, shown
from gateway_service.imports.mapping import Column
from gateway_service.imports.values import (
    DAMAGED,
    SHORTENED,
    NotOne,
    Reader,
    reader,
    text,
    trimmed,
    zone_named,
)
from gateway_service.ingest.body import Body
from gateway_service.ingest.decode import Call, decode

_CONTACTS = {"phone": "phone", "mobile": "phone", "email": "email"}
"""Traits that are addresses, and so are checked like identifiers."""
_OWN = {"user_id": "userId", "anonymous_id": "anonymousId"}
_encode = msgspec.json.Encoder().encode

Cells = Mapping[str, Any]


class Row(NamedTuple):
    number: int
    """As a spreadsheet counts: with a header the first row of data is 2."""
    cells: Cells | Broken


class Claim(NamedTuple):
    """An identifier that a row states, to be checked by profile. `of` is the draft, `column` where it stands."""

    of: "Draft"
    column: Column
    type: str
    scope: str
    value: str


@dataclass(slots=True)
class Draft:
    """A row on its way to a record."""

    row: int
    cells: Cells
    identifiers: list[Claim] = field(default_factory=list)
    checks: list[Claim] = field(default_factory=list)
    """Addresses that are traits."""
    traits: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    event: str = ""
    time: str = ""
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Converted:
    records: list[bytes] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """Of each record."""
    rejected: int = 0
    faults: list[Fault] = field(default_factory=list)
    """Of rejected rows, and of those that lost a cell."""


class Converter:
    """Of one import: the same row gives the same record, whenever it is read."""

    def __init__(self, mapping: mappings.Mapping, prefix: str, at: datetime, source: str) -> None:
        """`prefix` begins every message id; `at` is when what a row says of a person was so, and events happened that
        have no time."""
        self._mapping = mapping
        self._prefix = prefix
        self._call = Call(at, "bulk", source=source)
        self._zone: tzinfo = zone_named(mapping.time_zone) or zone_named("UTC")  # type: ignore[assignment]
        self._is_event = bool(mapping.event or mapping.that_are("event_name"))
        self._columns = [(one.column, one, self._put(one)) for one in mapping.columns if one.to != "ignore"]

    def drafts(self, rows: Sequence[Row]) -> list[Draft]:
        """Rows without any content have none."""
        return [draft for row in rows if (draft := self._draft(row)) is not None]

    def converted(self, drafts: Sequence[Draft], refused: Collection[tuple[Claim, str]]) -> Converted:
        """`refused`: claims that cannot be identifiers, with the reason."""
        for claim, reason in refused:
            _take_back(claim)
            claim.of.faults.append(Fault(claim.of.row, claim.column.column, shown(claim.value, True), reason))
        found = Converted()
        kept: list[Draft] = []
        for draft in drafts:
            if not draft.identifiers and not draft.faults:
                draft.faults.append(Fault(draft.row, "", "", "identifier_missing"))
            found.faults += draft.faults
            if draft.identifiers and (not draft.faults or self._mapping.faults == "skip_value"):
                kept.append(draft)
            else:
                found.rejected += 1
        self._decode(kept, found)
        found.faults.sort(key=lambda fault: fault.row)
        return found

    def _decode(self, drafts: Sequence[Draft], found: Converted) -> None:
        events = [self._event(draft) for draft in drafts]
        suspect = any(b"\\u0000" in event for event in events)
        decoded = decode(Body([Raw(event) for event in events], None, "bulk", suspect=suspect), self._call)
        found.records = decoded.records
        lost = {one.index for one in decoded.rejected}
        found.rows = [draft.row for at, draft in enumerate(drafts) if at not in lost]
        found.rejected += len(lost)
        found.faults += [Fault(drafts[one.index].row, "", "", one.reason.value) for one in decoded.rejected]

    def _event(self, draft: Draft) -> bytes:
        event: dict[str, Any] = {
            "type": "track" if self._is_event else "identify",
            # Padded: of two rows about one person the later one holds.
            "messageId": f"{self._prefix}{draft.row:010d}",
            "traits": draft.traits,
        }
        if self._is_event:
            event |= {"event": draft.event, "properties": draft.properties}
        if draft.time:
            event["timestamp"] = draft.time
        others = []
        for claim in draft.identifiers:
            own = _OWN.get(claim.type)
            if own and own not in event:
                event[own] = claim.value
            else:
                others.append({"type": claim.type, "id": claim.value, "scope": claim.scope})
        if others:
            event["context"] = {"externalIds": others}
        return _encode(event)

    def _draft(self, row: Row) -> Draft | None:
        if isinstance(row.cells, Broken):
            broken = Fault(row.number, "", shown(row.cells.text.strip(), True), row.cells.reason)
            return Draft(row.number, {}, faults=[broken])
        draft = Draft(row.number, row.cells, event=self._mapping.event)
        empty = True
        for name, column, put in self._columns:
            cell = trimmed(row.cells.get(name))
            if cell is None or cell == "":
                continue
            empty = False
            try:
                if isinstance(cell, str) and DAMAGED in cell:
                    raise NotOne("characters_damaged")
                put(draft, cell)
            except NotOne as reason:
                personal = (
                    column.to == "identifier" or is_personal(column.column) or is_personal(column.called)
                )
                draft.faults.append(Fault(row.number, column.column, shown(cell, personal), str(reason)))
        return None if empty and not any(map(trimmed, row.cells.values())) else draft

    def _put(self, column: Column) -> Callable[[Draft, Any], None]:
        """What puts a cell of the column where it belongs."""
        if column.to == "identifier":
            return partial(_put_identifier, column)
        if column.to == "event_name":
            return _put_event_name
        kind = "time" if column.to == "event_time" else column.type or "text"
        read, name = reader(kind, column.date_order, self._zone), column.called
        if column.to == "event_time":
            return partial(_put_time, read)
        if column.to == "property":
            return partial(_put_property, read, name)
        if name in _CONTACTS:
            return partial(_put_contact, column, read)
        return partial(_put_trait, read, name)


def _put_identifier(column: Column, draft: Draft, cell: Any) -> None:
    value = text(cell)
    if SHORTENED.fullmatch(value):
        raise NotOne("spreadsheet_number")
    draft.identifiers.append(Claim(draft, column, column.type, column.scope, value))


def _put_trait(read: Reader, name: str, draft: Draft, cell: Any) -> None:
    draft.traits[name] = read(cell)


def _put_contact(column: Column, read: Reader, draft: Draft, cell: Any) -> None:
    value = draft.traits[column.called] = read(cell)
    draft.checks.append(Claim(draft, column, _CONTACTS[column.called], "", text(value)))


def _put_property(read: Reader, name: str, draft: Draft, cell: Any) -> None:
    draft.properties[name] = read(cell)


def _put_event_name(draft: Draft, cell: Any) -> None:
    draft.event = text(cell)


def _put_time(read: Reader, draft: Draft, cell: Any) -> None:
    draft.time = read(cell)


def claims_of(drafts: Sequence[Draft]) -> Iterator[Claim]:
    """What profile is asked about."""
    for draft in drafts:
        yield from draft.identifiers
        yield from draft.checks


def _take_back(claim: Claim) -> None:
    """The row goes on without the value, if it goes on."""
    draft = claim.of
    if claim.column.to == "identifier":
        draft.identifiers = [one for one in draft.identifiers if one is not claim]
    else:
        draft.traits.pop(claim.column.called, None)
