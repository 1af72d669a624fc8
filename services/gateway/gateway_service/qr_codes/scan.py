"""A scan → the event that it is. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from gateway_service.ingest.body import Body
from gateway_service.ingest.decode import Call, Decoded, decode
from gateway_service.qr_codes.definition import EVENT
from gateway_service.qr_codes.scanned import ScannedCode

SOURCE = "qr-codes"


def record(
    code: ScannedCode,
    message_id: str,
    accepted: datetime,
    trace: str,
    *,
    anonymous_id: str | None = None,
    identifiers: Sequence[Mapping[str, str]] = (),
    at: datetime | None = None,
) -> Decoded:
    context: dict[str, Any] = {"externalIds": list(identifiers)} if identifiers else {}
    if code.definition.org_unit:
        context["org_unit"] = code.definition.org_unit
    event = {
        "type": "track",
        "messageId": message_id,
        "event": EVENT,
        "anonymousId": anonymous_id,
        "properties": code.properties,
        "context": context,
    }
    if at is not None:
        # With both times stated no clock is corrected.
        event |= {"timestamp": at.isoformat(), "originalTimestamp": at.isoformat()}
    return decode(Body([Raw(msgspec.json.encode(event))], None, None), Call(accepted, "live", trace, SOURCE))
