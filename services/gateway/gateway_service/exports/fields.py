"""What of a person goes into a file: the fields asked for, in that order."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from waypost.profile.v1 import profile_service_pb2 as pb

from gateway_service.masking import masked
from gateway_service.problems import FieldError, Problem
from gateway_service.routes._answers import given, json_of

MOST_FIELDS = 200
DEFAULT = (
    "profile_id",
    "profile_no",
    "created_at",
    "updated_at",
    "identifiers",
    "contact_points",
    "traits",
)
_PLAIN: dict[str, Callable[[pb.Profile], Any]] = {
    "profile_id": lambda person: person.profile_id,
    "profile_no": lambda person: person.profile_no,
    "version": lambda person: person.version,
    "created_at": lambda person: given(person, "create_time"),
    "updated_at": lambda person: given(person, "update_time"),
    "identifiers": lambda person: [
        {"type": one.type, "value": one.value, **({"scope": one.scope} if one.scope else {})}
        for one in person.identifiers
        if not one.unverified
    ],
    "contact_points": lambda person: [
        {"type": one.type, "address": one.address, "contact_key": one.contact_key}
        for one in person.contact_points
    ],
}
INTEGERS = frozenset({"profile_no", "version"})
TIMES = frozenset({"created_at", "updated_at"})
Cell = str | int | datetime | bool | float | list[Any] | dict[str, Any] | None


class Fields:
    def __init__(self, asked: str) -> None:
        """`asked`: names between commas; empty stands for all. Raises Problem."""
        self.names: Sequence[str] = tuple(filter(None, map(str.strip, asked.split(",")))) or DEFAULT
        if wrong := [name for name in self.names if not _is_field(name)]:
            known = ", ".join(
                (*_PLAIN, "traits", "traits.<name>", "identifiers.<type>", "contact_points.<type>")
            )
            field = FieldError(pointer="#fields", reason="unknown_value", detail=f"fields are {known}")
            raise Problem(400, "FIELD_INVALID", f"{wrong[0][:100]} is no field", errors=[field])
        if len(self.names) > MOST_FIELDS:
            field = FieldError(pointer="#fields", reason="too_many")
            raise Problem(400, "FIELD_INVALID", f"at most {MOST_FIELDS} fields", errors=[field])

    def row(self, person: pb.Profile, in_full: bool) -> dict[str, Cell]:
        """By field. A person without it has None, or an empty list."""
        traits = json_of(person.traits_json)
        if not in_full:
            traits = masked(traits)
        return {name: _cell(name, person, traits) for name in self.names}


def _is_field(name: str) -> bool:
    kind, dot, of = name.partition(".")
    return (
        name in _PLAIN or kind == "traits" or (kind in ("identifiers", "contact_points") and bool(dot and of))
    )


def _cell(name: str, person: pb.Profile, traits: dict[str, Any]) -> Cell:
    if name in _PLAIN:
        found: Cell = _PLAIN[name](person)
        return found
    kind, _, of = name.partition(".")
    if kind == "traits":
        return traits.get(of) if of else traits
    if kind == "contact_points":
        return next((one.address for one in person.contact_points if one.type == of), None)
    return ";".join(one.value for one in person.identifiers if one.type == of and not one.unverified) or None
