"""Schemas of events: the part of JSON Schema that may be declared, and what a call that is otherwise comes to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from profile_service.domain.declared import Check, Declared, EventSchema, Fault, Mode

Compile: TypeAlias = Callable[[Mapping[str, Any]], Check]
MOST_SCHEMAS = 1_000
MOST_NODES = 500
MOST_DEPTH = 10
MOST_BOUND = 10**12
"""Of a number in a schema, either way."""
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_SIZES = frozenset({"minLength", "maxLength", "minItems", "maxItems"})
_WORDS = frozenset({"title", "description"})
KEYWORDS = ("type", "enum", "required", "properties", "items", *sorted(_NUMBERS | _SIZES | _WORDS))
"""No pattern and no reference: what a schema costs to check must not depend on who wrote it."""


class SchemaFault(NamedTuple):
    pointer: str
    reason: str
    detail: str


class Verdict(NamedTuple):
    mode: Mode
    """allow: nothing is wrong, or nobody minds."""
    faults: Sequence[Fault]


_FINE = Verdict("allow", ())


def find_fault(schema: Any) -> SchemaFault | None:
    """The first thing that keeps `schema` from being one; None when it can be used."""
    nodes = 0
    waiting: list[tuple[str, Any, int]] = [("", schema, 0)]
    while waiting:
        at, node, depth = waiting.pop()
        nodes += 1
        if nodes > MOST_NODES or depth > MOST_DEPTH:
            limits = f"a schema has at most {MOST_NODES} parts, {MOST_DEPTH} levels deep"
            return SchemaFault(at, "too_large", limits)
        if not isinstance(node, dict):
            return SchemaFault(at, "not_an_object", "a schema is an object")
        for keyword, value in node.items():
            here = f"{at}/{keyword}"
            if keyword not in KEYWORDS:
                return SchemaFault(here, "unknown_keyword", f"keywords are {', '.join(KEYWORDS)}")
            if wrong := _wrong(keyword, value):
                return SchemaFault(here, "malformed", wrong)
        inner = [(f"{at}/properties/{_escaped(k)}", v) for k, v in node.get("properties", {}).items()]
        inner += [(f"{at}/items", node["items"])] if "items" in node else []
        waiting += [(where, part, depth + 1) for where, part in inner]
    return None


def named_in(schema: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(schema.get("properties", ())) | frozenset(schema.get("required", ()))


def judge(declared: Declared, event: str, properties: Any) -> Verdict:
    """What becomes of a track call. `properties` is its decoded JSON."""
    schema = declared.schemas.get(event)
    if schema is None:
        if declared.undeclared == "allow":
            return _FINE
        return Verdict(declared.undeclared, [Fault("", "event_undeclared", "no schema declares this event")])
    found = _unknown(schema, properties)
    if schema.mode != "allow":
        found = [(schema.mode, fault) for fault in schema.check(properties)] + found
    if not found:
        return _FINE
    mode: Mode = "block" if any(one == "block" for one, _ in found) else "warn"
    return Verdict(mode, [fault for _, fault in found])


def _unknown(schema: EventSchema, properties: Any) -> list[tuple[Mode, Fault]]:
    if schema.unknown == "allow" or not isinstance(properties, dict):
        return []
    return [
        (schema.unknown, Fault(f"/{_escaped(key)}", "property_unknown", "the schema does not name it"))
        for key in properties
        if key not in schema.named
    ]


def _wrong(keyword: str, value: Any) -> str:
    if keyword == "type":
        types = value if isinstance(value, list) else [value]
        fine = bool(types) and all(isinstance(one, str) and one in _TYPES for one in types)
        return "" if fine else f"type is one or a list of {', '.join(sorted(_TYPES))}"
    if keyword == "enum":
        return "" if isinstance(value, list) and value else "enum is a list of values"
    if keyword == "required":
        fine = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return "" if fine and len(set(value)) == len(value) else "required is a list of different names"
    if keyword == "properties":
        return "" if isinstance(value, dict) else "properties is an object of schemas"
    if keyword in _NUMBERS:
        fine = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST_BOUND
        return "" if fine else f"{keyword} is a number, at most {MOST_BOUND} either way"
    if keyword in _SIZES:
        fine = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_BOUND
        return "" if fine else f"{keyword} is a whole number from 0 to {MOST_BOUND}"
    if keyword in _WORDS:
        return "" if isinstance(value, str) else f"{keyword} is a text"
    return ""


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
