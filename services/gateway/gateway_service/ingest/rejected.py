"""A refused event with everything that it takes to try it again."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from chassis.crypto import WorkspaceCipher
from msgspec import Raw

from gateway_service.ingest.body import MAX_EVENT, Body
from gateway_service.ingest.decode import Call, Rejection, decode

_PLACE = b"rejected"


class RejectedEvent(msgspec.Struct, frozen=True):
    """Times are UTC."""

    event: bytes
    """JSON, as it came."""
    kind: str | None
    """The call it came by; None: it came in a batch."""
    accepted: datetime
    source: str
    sent_at: datetime | None = None
    context: bytes = b""
    """Of its whole batch."""

    @property
    def sample_id(self) -> UUID:
        """The same for the same event, however often it is refused."""
        return UUID(bytes=blake2b(self.event, digest_size=16, salt=(self.kind or "").encode()).digest())

    def seal(self, cipher: WorkspaceCipher) -> bytes:
        return cipher.seal(msgspec.msgpack.encode(self), _PLACE)

    @classmethod
    def unseal(cls, cipher: WorkspaceCipher, sealed: bytes) -> "RejectedEvent":
        return msgspec.msgpack.decode(cipher.open(sealed, _PLACE), type=cls)

    def again(self, patch: Mapping[str, Any] | None) -> bytes | Rejection:
        """The record of INGEST that it becomes with a JSON merge patch, or why it is still none. It is history, and
        keeps its message id: without one it has that of the event before the patch."""
        try:
            data = self.event if patch is None else self._patched(patch)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            data = self.event
        body = Body([Raw(data)], None, "bulk", self.sent_at, self.context, suspect=True)
        decoded = decode(body, Call(self.accepted, "bulk", "", self.source, self.kind))
        return decoded.records[0] if decoded.records else decoded.rejected[0]

    def _patched(self, patch: Mapping[str, Any]) -> bytes:
        event = merge_patch(msgspec.json.decode(self.event), patch)
        if isinstance(event, dict) and not event.get("messageId"):
            event["messageId"] = f"body-{self.sample_id.hex}"
        return msgspec.json.encode(event)


def rejected_events(
    body: Body, call: Call, rejected: list[Rejection]
) -> Iterator[tuple[Rejection, RejectedEvent]]:
    """What can be tried again of what was refused: not what is too large, and not what had to be cut to be read."""
    marks = body.marks
    for one in rejected:
        event = bytes(body.events[one.index])
        cut = marks is not None and (marks.surrogate in event or marks.depth in event)
        if len(event) <= MAX_EVENT and not cut:
            sent_at = body.sent_at
            if sent_at is not None:
                sent_at = sent_at.astimezone(UTC) if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
            yield one, RejectedEvent(event, call.kind, call.accepted, call.source, sent_at, body.context)


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: members of the patch replace those of the target, null takes one away."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
