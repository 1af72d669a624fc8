"""Fields of consent calls → values, and back."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from chassis.clock import from_ms
from chassis.crypto import WorkspaceCipher
from chassis.errors import InvalidArgument
from chassis.ids import time_of
from consents import Scope
from google.protobuf.message import Message
from waypost.profile.v1 import consent_pb2
from waypost.profile.v1 import consent_service_pb2 as pb

from profile_service.domain.consent import ADDRESS_TYPES, refusal
from profile_service.domain.consent_terms import MOST_CHARS, MOST_PROOF_BYTES, problem
from profile_service.domain.identifiers import ParsePhone, Refused, normalise
from profile_service.events.published_consents import scope as scope_message
from profile_service.events.published_consents import state
from profile_service.queries.consents import InForce
from profile_service.store.consents import PROOF
from profile_service.store.credits import Grant

_KEY = re.compile(r"[0-9a-f]{32}")
_AHEAD = timedelta(minutes=1)
"""How far a caller's clock may be ahead of ours."""


def read_scope(request: pb.RecordConsentRequest) -> tuple[Scope, bool]:
    """What an entry is about, and whether it withdraws. InvalidArgument when it cannot be recorded."""
    if request.state not in (consent_pb2.CONSENT_STATE_GRANTED, consent_pb2.CONSENT_STATE_WITHDRAWN):
        raise InvalidArgument("state is granted or withdrawn", field="state")
    asked = request.scope
    texts = {
        "topic": asked.topic,
        "org_unit": asked.org_unit_id,
        "text_version": request.text_version,
        "source": request.source,
    }
    for field, text in texts.items():
        _check_length(field, text)
    withdrawn = request.state == consent_pb2.CONSENT_STATE_WITHDRAWN
    scope = Scope(asked.channel, asked.purpose, asked.topic, asked.org_unit_id)
    if wrong := problem(scope, withdrawn, request.legal_basis):
        raise InvalidArgument(wrong.detail, field=wrong.field)
    return scope, withdrawn


def read_contact_key(
    channel: str, text: str, cipher: WorkspaceCipher, parse_phone: ParsePhone, field: str = "contact_point"
) -> bytes:
    """Of a contact key in hex, or of an address of the channel. The address is not stored."""
    kind = ADDRESS_TYPES.get(channel)
    if kind is None:
        raise InvalidArgument(f"a contact point needs a channel: {', '.join(ADDRESS_TYPES)}", field="channel")
    if _KEY.fullmatch(text):
        return bytes.fromhex(text)
    found = normalise(kind, "", text, parse_phone)
    if isinstance(found, Refused):
        raise InvalidArgument(f"neither a contact key nor of type {kind}: {found.detail}", field=field)
    return cipher.blind_index(found.type, found.value)


def read_proof(raw: bytes) -> bytes:
    if len(raw) > MOST_PROOF_BYTES:
        raise InvalidArgument(f"a proof has at most {MOST_PROOF_BYTES} bytes", field="proof")
    try:
        msgspec.json.decode(raw or b"{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidArgument("proof is a JSON object", field="proof") from error
    return raw


def read_past(message: Message, field: str, name: str, now: datetime) -> datetime:
    """A moment since 1970 that has been, in whole milliseconds; now when it is not set. `name` is what callers know it
    by."""
    if not message.HasField(field):
        return now
    at = from_ms(getattr(message, field).ToMilliseconds())
    if at > now + _AHEAD:
        raise InvalidArgument("this moment has not come yet", field=name)
    if at < from_ms(0):
        # Ids begin with the time: an earlier one would look newer than all others.
        raise InvalidArgument("a moment before 1970", field=name)
    return min(at, now)


def entry(row: Any, cipher: WorkspaceCipher) -> consent_pb2.ConsentEntry:
    consent_id = row["consent_id"]
    found = consent_pb2.ConsentEntry(
        consent_id=str(consent_id),
        state=state(row["withdrawn"]),
        scope=scope_message(Scope(row["channel"], row["purpose"], row["topic"], row["org_unit_id"])),
        contact_key=row["contact_key"].hex(),
        legal_basis=row["legal_basis"],
        text_version=row["text_version"],
        source=row["source"],
        proof_json=cipher.open(row["sealed_proof"], PROOF + consent_id.bytes) if row["sealed_proof"] else b"",
        recorded_by=row["recorded_by"],
    )
    found.given_time.FromDatetime(time_of(consent_id))
    found.record_time.FromDatetime(row["recorded_at"])
    return found


def in_force(answer: InForce, required: bool) -> consent_pb2.ConsentInForce:
    decided = answer.decided
    found = consent_pb2.ConsentInForce(
        scope=scope_message(answer.scope),
        state=state(decided.withdrawn) if decided else consent_pb2.CONSENT_STATE_UNKNOWN,
        contact_key=answer.contact_key.hex(),
        refusal=refusal(decided, answer.scope, required),
    )
    if decided:
        found.consent_id = str(decided.consent_id)
        found.given_time.FromDatetime(time_of(decided.consent_id))
    return found


def read_grant_texts(request: pb.GrantCreditRequest) -> None:
    for field in ("app_id", "template_id"):
        if not getattr(request, field):
            raise InvalidArgument(f"{field} is needed", field=field)
        _check_length(field, getattr(request, field))
    _check_length("source", request.source)


def credit(grant: Grant) -> pb.CreditGrant:
    found = pb.CreditGrant(
        grant_id=str(grant.grant_id),
        identity_id=str(grant.identity_id),
        app_id=grant.app_id,
        template_id=grant.template_id,
        count=grant.count,
        source=grant.source,
        used_count=grant.used,
    )
    found.grant_time.FromDatetime(grant.granted_at)
    if grant.expires_at is not None:
        found.expire_time.FromDatetime(grant.expires_at)
    return found


def expiry(request: pb.GrantCreditRequest, granted_at: datetime) -> datetime | None:
    if not request.HasField("expire_time"):
        return None
    at = request.expire_time.ToDatetime(UTC)
    if at <= granted_at:
        raise InvalidArgument("a grant expires after it was given", field="expires_at")
    return at


def _check_length(field: str, text: str) -> None:
    if len(text) > MOST_CHARS:
        raise InvalidArgument(f"{field} has at most {MOST_CHARS} characters", field=field)
