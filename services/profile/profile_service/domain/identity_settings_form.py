"""Identity settings as callers write and read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from profile_service.domain.identity_settings import PERSONAL, SHIPPED, IdentitySettings, IdentityType

MAX_TYPES = 50
MAX_BLOCKED = 1_000
MAX_CLUSTER = 1_000
MAX_SUSPECT = 1_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Wrong(Exception):
    pointer: str
    detail: str


def read_settings(data: Any, version: int = 0) -> IdentitySettings:
    """Raises Wrong. What is left out is as shipped."""
    if not isinstance(data, Mapping):
        raise Wrong("", "must be an object")
    known = {
        "types",
        "blocked_values",
        "allowed_values",
        "verified_traits",
        "max_identifiers",
        "suspect_after",
    }
    _only(data, "", known)
    traits = _list(data, "verified_traits", len(PERSONAL))
    for n, name in enumerate(traits):
        if name not in PERSONAL:
            raise Wrong(f"/verified_traits/{n}", f"must be one of {', '.join(sorted(PERSONAL))}")
    return IdentitySettings(
        types=_types(_list(data, "types", MAX_TYPES)) if "types" in data else SHIPPED,
        blocked=tuple(
            _value(f"/blocked_values/{n}", v)
            for n, v in enumerate(_list(data, "blocked_values", MAX_BLOCKED))
        ),
        allowed=frozenset(
            _value(f"/allowed_values/{n}", v)
            for n, v in enumerate(_list(data, "allowed_values", MAX_BLOCKED))
        ),
        verified_traits=frozenset(traits),
        cluster_cap=_number("/max_identifiers", data.get("max_identifiers", 20), 2, MAX_CLUSTER),
        suspect_people=_number("/suspect_after", data.get("suspect_after", 10), 2, MAX_SUSPECT),
        version=version,
    )


def write_settings(settings: IdentitySettings) -> dict[str, Any]:
    """`read_settings` of it gives the same settings."""
    return {
        "types": [
            {
                "type": t.name,
                "strength": "strong" if t.strong else "weak",
                "unique": t.unique,
                "limit": {"max": t.most, "days": t.days} if t.most else None,
            }
            for t in settings.types
        ],
        "blocked_values": [{"type": kind, "value": value} for kind, value in settings.blocked],
        "allowed_values": [{"type": kind, "value": value} for kind, value in sorted(settings.allowed)],
        "verified_traits": sorted(settings.verified_traits),
        "max_identifiers": settings.cluster_cap,
        "suspect_after": settings.suspect_people,
    }


def _types(data: Sequence[Any]) -> tuple[IdentityType, ...]:
    types: list[IdentityType] = []
    for n, one in enumerate(data):
        place = f"/types/{n}"
        found = _type(place, one)
        if any(t.name == found.name for t in types):
            raise Wrong(f"{place}/type", f"{found.name} is listed twice")
        if found.strong and types and not types[-1].strong:
            raise Wrong(
                place, f"{found.name} proves a person and must come before {types[-1].name}, which does not"
            )
        types.append(found)
    names = {t.name for t in types}
    if missing := [t.name for t in SHIPPED if t.name not in names]:
        raise Wrong("/types", f"must list every known type; missing: {', '.join(missing)}")
    return tuple(types)


def _type(place: str, data: Any) -> IdentityType:
    if not isinstance(data, Mapping):
        raise Wrong(place, 'must be an object like {"type": "member_id", "strength": "strong"}')
    _only(data, place, {"type", "strength", "unique", "limit"})
    name = data.get("type")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Wrong(f"{place}/type", "must be a name like member_id")
    strength = data.get("strength", "weak")
    if strength not in ("strong", "weak"):
        raise Wrong(f"{place}/strength", "must be strong or weak")
    strong, unique = strength == "strong", data.get("unique", False)
    if not isinstance(unique, bool):
        raise Wrong(f"{place}/unique", "must be true or false")
    if unique and not strong:
        raise Wrong(f"{place}/unique", "a weak type moves from person to person and cannot be unique")
    shipped = next((t for t in SHIPPED if t.name == name), None)
    if shipped and shipped.strong != strong:
        raise Wrong(f"{place}/strength", f"{name} is {'strong' if shipped.strong else 'weak'}, always")
    most, days = _limit(f"{place}/limit", data.get("limit"))
    return IdentityType(name, strong, unique, most, days)


def _limit(place: str, data: Any) -> tuple[int | None, int | None]:
    if data is None:
        return None, None
    if not isinstance(data, Mapping):
        raise Wrong(place, 'must be an object like {"max": 5, "days": 365}, or null')
    _only(data, place, {"max", "days"})
    days = data.get("days")
    most = _number(f"{place}/max", data.get("max"), 1, 100_000)
    return most, None if days is None else _number(f"{place}/days", days, 1, 36_500)


def _value(place: str, data: Any) -> tuple[str, str]:
    if not isinstance(data, Mapping):
        raise Wrong(place, 'must be an object like {"type": "phone", "value": "+8613800138000"}')
    _only(data, place, {"type", "value"})
    kind, value = data.get("type"), data.get("value")
    if not isinstance(kind, str) or not (kind == "*" or _NAME.fullmatch(kind)):
        raise Wrong(f"{place}/type", "must be a type of identifier, or * for all")
    if not isinstance(value, str) or not value.strip("*") or len(value) > 512:
        raise Wrong(f"{place}/value", "must be a value; it may begin or end with *")
    return kind, value


def _only(data: Mapping[str, Any], place: str, known: set[str]) -> None:
    for key in data:
        if key not in known:
            raise Wrong(f"{place}/{key}", f"is not known; known are {', '.join(sorted(known))}")


def _list(data: Mapping[str, Any], key: str, most: int) -> Sequence[Any]:
    found = data.get(key, [])
    if not isinstance(found, list) or len(found) > most:
        raise Wrong(f"/{key}", f"must be a list of at most {most}")
    return found


def _number(place: str, value: Any, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Wrong(place, f"must be a whole number from {least} to {most}")
    return value
