"""Who an event says it is about. Profile normalises and decides; here only what can never be an identifier falls.

`previousId` of an alias is an anonymous_id when the same call carries it as anonymousId (as browser SDKs do when the
visitor had no user id yet), else a user_id.
"""

import re
from typing import Any

import msgspec
from msgspec import Raw
from waypost.profile.v1 import ingest_pb2

from gateway_service.ingest.event import Event, Refusal
from gateway_service.ingest.reasons import Reason
from gateway_service.ingest.wire import Identifier

MAX_ID_CHARS = 512
MAX_ID_BYTES = 2_048
"""Of value and scope together, in UTF-8; profile's index takes no more."""
MAX_IDENTIFIERS = 20
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")

Found = list[Identifier]


class _Traits(msgspec.Struct):
    external_ids: Any = None


class Context(msgspec.Struct):
    external_ids: Any = msgspec.field(name="externalIds", default=None)
    org_unit: Any = None
    traits: Raw = Raw()


_traits = msgspec.json.Decoder(_Traits)
_context = msgspec.json.Decoder(Context)
NO_CONTEXT = Context()


def read_context(data: bytes) -> Context:
    return _context.decode(data) if data else NO_CONTEXT


def of(event: Event, kind: int, context: Context, traits: bytes) -> Found | Refusal:
    """The identifiers, each once, strongest spelling first; a Refusal when none is verified or one cannot be one."""
    found: Found = []
    user_id, anonymous_id = event.user_id, event.anonymous_id
    if user_id:
        found.append(Identifier("user_id", "", user_id))
    if anonymous_id:
        found.append(Identifier("anonymous_id", "", anonymous_id))
    if kind == ingest_pb2.INGEST_KIND_ALIAS:
        if not (user_id and event.previous_id):
            return Refusal(Reason.IDENTIFIER_MISSING, "alias needs userId and previousId")
        if event.previous_id not in (user_id, anonymous_id):
            found.append(Identifier("user_id", "", event.previous_id))
    if problem := _add_listed(found, context, traits):
        return problem
    if not any(one.verified for one in found):
        return Refusal(
            Reason.IDENTIFIER_MISSING, "an event needs userId, anonymousId or an external id that is verified"
        )
    if len(found) > MAX_IDENTIFIERS:
        return Refusal(
            Reason.IDENTIFIER_INVALID,
            f"an event may have {MAX_IDENTIFIERS} identifiers at most, has {len(found)}",
        )
    for type_, scope, value, _ in found:
        if len(value) > MAX_ID_CHARS:
            return Refusal(Reason.IDENTIFIER_INVALID, f"a {type_} may have {MAX_ID_CHARS} characters at most")
        if scope and len(f"{scope}{value}".encode()) > MAX_ID_BYTES:
            return Refusal(
                Reason.IDENTIFIER_INVALID,
                f"a {type_} and its scope may have {MAX_ID_BYTES} bytes together at most",
            )
    return found


def _add_listed(found: Found, context: Context, traits: bytes) -> Refusal | None:
    for listed in (context.external_ids, _listed_in(traits), _listed_in(bytes(context.traits))):
        if listed is not None and (problem := _add_external(found, listed)):
            return problem
    return None


def _listed_in(traits: bytes) -> Any:
    if b"external_ids" not in traits or traits[0] != 0x7B:
        return None
    return _traits.decode(traits).external_ids


def _add_external(found: Found, listed: Any) -> Refusal | None:
    if not isinstance(listed, list) or len(listed) > MAX_IDENTIFIERS:
        return Refusal(
            Reason.IDENTIFIER_INVALID, f"external ids must be a list of at most {MAX_IDENTIFIERS} entries"
        )
    for entry in listed:
        if not isinstance(entry, dict):
            return Refusal(Reason.IDENTIFIER_INVALID, "an external id must be an object")
        kind, value, scope = entry.get("type"), entry.get("id"), entry.get("scope")
        verified = entry.get("verified", True)
        if value is None or value == "":
            continue
        if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
            return Refusal(
                Reason.IDENTIFIER_INVALID, "type of an external id must be a name like wechat_openid"
            )
        if not isinstance(value, str) or not isinstance(scope, str | None) or len(scope or "") > MAX_ID_CHARS:
            return Refusal(Reason.IDENTIFIER_INVALID, "id and scope of an external id must be strings")
        if not isinstance(verified, bool):
            return Refusal(Reason.IDENTIFIER_INVALID, "verified of an external id must be true or false")
        one = Identifier(kind, scope or "", value, verified)
        if one not in found:
            found.append(one)
    return None
