"""A form's address that says whose it is: the identifier is sealed in it, so that nobody reads it or makes one up."""

import base64
from collections.abc import Mapping
from uuid import UUID

import msgspec
from chassis.crypto import SealError, WorkspaceCipher

MOST_CHARS = 4_096


def seal(cipher: WorkspaceCipher, form_id: UUID, identifier: Mapping[str, str]) -> str:
    """`identifier` has type, id and scope."""
    sealed = cipher.seal(msgspec.json.encode(identifier), _place(form_id))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def open_(cipher: WorkspaceCipher, form_id: UUID, token: str) -> Mapping[str, str] | None:
    """None for what is no such link of this form: the answers are then of somebody unknown."""
    if not token or len(token) > MOST_CHARS:
        return None
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return msgspec.json.decode(cipher.open(sealed, _place(form_id)), type=dict[str, str])
    except (ValueError, SealError):
        return None


def _place(form_id: UUID) -> bytes:
    return b"form-link" + form_id.bytes
