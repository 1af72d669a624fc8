"""Which column of a file is what, and what can be wrong with such a statement."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway_service.imports.layout import MAX_COLUMNS, Layout
from gateway_service.imports.values import KINDS, DateOrder, zone_named
from gateway_service.ingest.decode import MAX_NAME_CHARS
from gateway_service.problems import FieldError

_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
VALUED = ("trait", "property")


class Column(BaseModel):
    """`to` says what the column's cells become."""

    model_config = ConfigDict(extra="forbid")

    column: str = Field(min_length=1, max_length=1000)
    to: Literal["identifier", "trait", "property", "event_name", "event_time", "ignore"]
    type: str = Field(
        default="",
        max_length=64,
        description="of an identifier its type, such as `phone`; of a trait or property text (if empty), "
        "number, boolean, date, time or json (as it is)",
    )
    name: str = Field(default="", max_length=256, description="of a trait or property; empty: the column's")
    scope: str = Field(default="", max_length=512, description="of an identifier, where its type needs one")
    date_order: DateOrder = "ymd"

    @property
    def called(self) -> str:
        return self.name or self.column


class Mapping(BaseModel):
    """Columns that are not named are left out. With an event, or a column that names it, each row is an event."""

    model_config = ConfigDict(extra="forbid")

    columns: list[Column] = Field(min_length=1, max_length=MAX_COLUMNS)
    event: str = Field(default="", max_length=MAX_NAME_CHARS, description="what each row is an event of")
    time_zone: str = Field(default="UTC", max_length=64, description="of times without an offset")
    faults: Literal["skip_row", "skip_value"] = Field(
        default="skip_row",
        description="whether a row with a faulty cell is left out, or the cell alone while an identifier is left",
    )

    def that_are(self, *kinds: str) -> list[Column]:
        return [one for one in self.columns if one.to in kinds]


def wrong(mapping: Mapping, layout: Layout) -> Iterator[FieldError]:
    """What keeps the mapping from being used on such a file."""
    times = Counter(one.column for one in mapping.columns)
    for at, one in enumerate(mapping.columns):
        pointer = f"/mapping/columns/{at}"
        if layout.format != "ndjson" and one.column not in layout.columns:
            yield FieldError(
                pointer=f"{pointer}/column", reason="unknown_column", detail=_listed(layout.columns)
            )
        if times[one.column] > 1 and one.to != "identifier":
            yield FieldError(pointer=f"{pointer}/column", reason="mapped_twice")
        yield from _wrong_type(one, pointer)
    if not mapping.that_are("identifier"):
        yield FieldError(
            pointer="/mapping/columns",
            reason="identifier_missing",
            detail="some column must be an identifier",
        )
    yield from _wrong_events(mapping)
    if zone_named(mapping.time_zone) is None:
        yield FieldError(
            pointer="/mapping/time_zone", reason="unknown_value", detail="a name like Asia/Shanghai"
        )


def _wrong_type(one: Column, pointer: str) -> Iterator[FieldError]:
    if one.to == "identifier" and not _TYPE.fullmatch(one.type):
        yield FieldError(
            pointer=f"{pointer}/type", reason="malformed", detail="an identifier's type, such as member_id"
        )
    if one.to in VALUED and one.type not in ("", *KINDS):
        yield FieldError(pointer=f"{pointer}/type", reason="unknown_value", detail=", ".join(KINDS))


def _wrong_events(mapping: Mapping) -> Iterator[FieldError]:
    names, times = mapping.that_are("event_name"), mapping.that_are("event_time")
    if len(names) + bool(mapping.event) > 1:
        yield FieldError(
            pointer="/mapping/event",
            reason="ambiguous",
            detail="an event for all rows, or one column of names",
        )
    if len(times) > 1:
        yield FieldError(
            pointer="/mapping/columns", reason="ambiguous", detail="one column is the event's time"
        )
    if not (names or mapping.event) and mapping.that_are("property"):
        yield FieldError(
            pointer="/mapping/event", reason="missing", detail="properties are those of an event: name it"
        )


def _listed(columns: Sequence[str]) -> str:
    return f"the columns are {', '.join(columns[:50])}"
