"""An answer to a form → the calls that it is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw
from waypost.profile.v1 import consent_pb2, ingest_pb2

from gateway_service.forms.answers import Answers
from gateway_service.forms.definition import FormDefinition, Language, said
from gateway_service.ingest.body import Body
from gateway_service.ingest.decode import Call, Decoded, decode

SOURCE = "forms"
"""Under which profile keeps what forms say."""
CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
MOST_PARAMETER_CHARS = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """Around the answers: which form, in which words, and where the visitor came from."""

    form_id: UUID
    form_name: str
    version: int
    submission_id: UUID
    language: Language
    anonymous_id: str
    qr_code_id: UUID | None = None
    scanned: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the code that was scanned."""
    campaign: Mapping[str, str] = field(default_factory=dict)
    """Of the page's address."""
    identifiers: tuple[Mapping[str, str], ...] = ()
    """Whom a personal link is of."""
    key: str = ""
    """What the calls are known by: of two with the same key the first counts."""


def records(
    definition: FormDefinition, answers: Answers, visit: Visit, accepted: datetime, trace: str
) -> Decoded:
    """What to commit: who it is and what they agreed to, then the event. All of it, or a rejection that says why."""
    traits: dict[str, Any] = {}
    properties: dict[str, Any] = {**visit.campaign, **visit.scanned, **_about(visit)}
    external = [*visit.identifiers]
    for question in definition.fields:
        value = answers.values.get(question.name)
        if value is None:
            continue
        if question.trait:
            traits[question.trait] = value
        if question.property:
            properties[question.property] = value
        if question.identifier:
            external.append({"type": question.identifier, "id": str(value), "scope": question.scope})
    context: dict[str, Any] = {"externalIds": external} if external else {}
    if definition.org_unit:
        context["org_unit"] = definition.org_unit
    who = {"anonymousId": visit.anonymous_id, "context": context}
    key = visit.key or f"form:{visit.form_id}:{visit.submission_id}"
    event = {"type": "track", "messageId": key, "event": definition.event, "properties": properties, **who}
    events = [event]
    if traits or answers.consents:
        events.insert(0, {"type": "identify", "messageId": f"{key}:who", "traits": traits, **who})
    body = Body([Raw(msgspec.json.encode(one)) for one in events], None, None)
    decoded = decode(body, Call(accepted, "live", trace, SOURCE))
    if answers.consents and not decoded.rejected:
        # Fields may stand behind an encoded message: together they are one.
        decoded.records[0] += _granted(answers, visit)
    return decoded


def _about(visit: Visit) -> dict[str, Any]:
    told = {
        "form_id": str(visit.form_id),
        "form_name": visit.form_name,
        "form_version": visit.version,
        "submission_id": str(visit.submission_id),
        "language": visit.language,
    }
    return {**told, "qr_code_id": str(visit.qr_code_id)} if visit.qr_code_id else told


def _granted(answers: Answers, visit: Visit) -> bytes:
    granted = [
        ingest_pb2.GrantedConsent(
            scope=consent_pb2.ConsentScope(
                channel=box.channel, purpose=box.purpose, topic=box.topic, org_unit_id=box.org_unit
            ),
            legal_basis="consent",
            text_version=box.text_version,
            proof_json=msgspec.json.encode(
                {
                    "form_id": str(visit.form_id),
                    "form_version": visit.version,
                    "submission_id": str(visit.submission_id),
                    "language": visit.language,
                    "text": said(box.text, visit.language),
                }
            ),
        )
        for box in answers.consents
    ]
    return bytes(ingest_pb2.IngestRecord(consents=granted).SerializeToString())
