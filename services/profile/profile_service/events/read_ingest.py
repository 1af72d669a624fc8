"""IngestRecord → Call: normalises identifiers, folds texts to the form in which rules compare them, and parts personal
data from what other services may see."""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from chassis.errors import DataError
from rules import fold
from waypost.profile.v1 import ingest_pb2

from profile_service.domain import identifiers as ids
from profile_service.domain.calls import Call, ContactPoint, Issue, Joined
from profile_service.domain.declared import Personal
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.personal import may_be_personal, separate
from profile_service.domain.products import SINGLE
from profile_service.folding import fold_json

EVENT_NAMES = {
    ingest_pb2.INGEST_KIND_PAGE: "Page Viewed",
    ingest_pb2.INGEST_KIND_SCREEN: "Screen Viewed",
    ingest_pb2.INGEST_KIND_GROUP: "Group Joined",
}
SHIPPED = Personal()
_OWN_NAME = frozenset({"name"})
"""A page's, screen's or product's `name` is its own, not a person's."""
_CONTACTS = {"phone": "phone", "mobile": "phone", "email": "email"}
_NOTHING = b"{}"
MAX_ISSUES = 20
MAX_PATH_CHARS = 200
"""Of one record: a caller that makes up keys must neither fill the table of issues nor overfill its index."""


def read_call(
    record: bytes, parse_phone: ids.ParsePhone, settings: IdentitySettings, personal: Personal = SHIPPED
) -> Call:
    """`personal` is what the workspace declared. Raises DataError when the record is not one."""
    message = ingest_pb2.IngestRecord.FromString(record)
    meta = message.meta
    kind = message.kind
    name = fold(message.name) if kind == ingest_pb2.INGEST_KIND_TRACK else EVENT_NAMES.get(kind, "")
    issues: list[Issue] = []

    def report(issue_kind: str, reason: str, path: str, detail: str) -> None:
        if len(issues) < MAX_ISSUES:
            issues.append(Issue(issue_kind, reason, path[:MAX_PATH_CHARS], name, meta.record_id, detail))

    identifiers = _normalised(message.identifiers, parse_phone, settings, report)
    claimed = _claimed(message, identifiers, parse_phone, settings, report) if message.unverified else ()
    properties, held = fold_json(message.properties_json) or _NOTHING, {}
    if may_be_personal(properties) or (personal.added and personal.may_be_in(properties)):
        allowed = _OWN_NAME if kind in EVENT_NAMES or name in SINGLE else frozenset()
        separated = separate(_object(properties, "properties"), allowed | personal.allowed, personal.added)
        held = separated.held_back
        for path in separated.paths:
            report(
                "held_back", "personal_data_undeclared", f"properties.{path}", "kept sealed, not passed on"
            )
        if held:
            properties = msgspec.json.encode(separated.public)
    joined, traits, held_traits = None, {}, {}
    if kind == ingest_pb2.INGEST_KIND_GROUP:
        joined, contacts = _joined(message, personal, report), _contacts(identifiers)
    elif not message.traits_json:
        contacts = _contacts(identifiers)
    else:
        traits, held_traits, contacts = _traits(message, identifiers, parse_phone, personal, report)
    if settings.verified_traits:
        _add_verified(identifiers, contacts, parse_phone, settings)
    if claimed:
        contacts = tuple(dict.fromkeys((*contacts, *_contacts(claimed))))
    return Call(
        message_id=meta.record_id,
        event_name=name,
        identifiers=_strongest_first(identifiers, settings),
        at=_ms(meta.event_time),
        accepted=_ms(meta.accept_time),
        historical=meta.historical,
        traceparent=meta.traceparent,
        org_unit_id=meta.org_unit_id,
        source=message.source,
        properties=properties,
        held_properties=held,
        traits=traits,
        traits_json=msgspec.json.encode(traits) if traits else _NOTHING,
        held_traits=held_traits,
        contact_points=contacts,
        issues=tuple(issues),
        record=record,
        joined=joined,
        claims=tuple(i for i in claimed if i.type not in ids.PERSONAL),
    )


def raw_properties(record: bytes) -> Any:
    """The properties of a record as they came, personal ones included."""
    raw = ingest_pb2.IngestRecord.FromString(record).properties_json
    return _object(fold_json(raw), "properties") if raw else {}


def _strongest_first(
    identifiers: list[ids.Identifier], settings: IdentitySettings
) -> tuple[ids.Identifier, ...]:
    if len(identifiers) < 2:
        return tuple(identifiers)
    return tuple(i for _, i in sorted((settings.rank(i.type), i) for i in identifiers))


def _ms(time: Any) -> int:
    """A protobuf timestamp, cut to milliseconds."""
    return int(time.seconds * 1000 + time.nanos // 1_000_000)


def _claimed(
    message: Any,
    verified: Collection[ids.Identifier],
    parse_phone: ids.ParsePhone,
    settings: IdentitySettings,
    report: Any,
) -> list[ids.Identifier]:
    found = _normalised(message.unverified, parse_phone, settings, report)
    return [i for i in found if i not in verified]


def _normalised(
    named: Iterable[Any], parse_phone: ids.ParsePhone, settings: IdentitySettings, report: Any
) -> list[ids.Identifier]:
    """Each once."""
    found: dict[ids.Identifier, None] = {}
    for raw in named:
        result = ids.normalise(raw.type, raw.scope, raw.value, parse_phone, settings)
        if isinstance(result, ids.Refused):
            report("coerced", result.reason, f"identifiers.{raw.type}", result.detail)
        else:
            found[result] = None
    return list(found)


def _contacts(identifiers: Iterable[ids.Identifier]) -> tuple[ContactPoint, ...]:
    return tuple({ContactPoint(i.type, i.value): None for i in identifiers if i.type in ids.PERSONAL})


def _joined(message: Any, personal: Personal, report: Any) -> Joined:
    """The traits of a group call are the account's, and so is the name among them."""
    if not message.traits_json:
        return Joined(fold(message.name), {}, {})
    allowed = _OWN_NAME | personal.allowed
    found = separate(_object(fold_json(message.traits_json), "traits"), allowed, personal.added)
    for path in found.paths:
        report("held_back", "personal_data_undeclared", f"traits.{path}", "kept sealed, not passed on")
    return Joined(fold(message.name), found.public, found.held_back)


def _traits(
    message: Any,
    identifiers: list[ids.Identifier],
    parse_phone: ids.ParsePhone,
    personal: Personal,
    report: Any,
) -> tuple[dict[str, Any], dict[str, Any], tuple[ContactPoint, ...]]:
    contacts = dict.fromkeys(_contacts(identifiers))
    data = _object(fold_json(message.traits_json), "traits")
    separated = separate(data, personal.allowed, personal.added)
    public = {k: v for k, v in separated.public.items() if k != "external_ids"}
    for key, contact_type in _CONTACTS.items():
        value = separated.held_back.get(key)
        if value is None:
            continue
        result = ids.normalise(contact_type, "", str(value), parse_phone)
        if isinstance(result, ids.Refused):
            report("coerced", result.reason, f"traits.{key}", result.detail)
        else:
            contacts[ContactPoint(contact_type, result.value)] = None
    held = {k: v for k, v in separated.held_back.items() if k not in _CONTACTS}
    return public, held, tuple(contacts)


def _add_verified(
    identifiers: list[ids.Identifier],
    contacts: tuple[ContactPoint, ...],
    parse_phone: ids.ParsePhone,
    settings: IdentitySettings,
) -> None:
    """The workspace says that these traits are verified: they identify, too."""
    for point in contacts:
        if point.type in settings.verified_traits:
            found = ids.normalise(point.type, "", point.address, parse_phone, settings)
            if isinstance(found, ids.Identifier) and found not in identifiers:
                identifiers.append(found)


def _object(raw: bytes, where: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise DataError("json_invalid", f"{where} is not JSON") from error
    if not isinstance(value, dict):
        raise DataError("not_an_object", f"{where} is not a JSON object")
    return value
