"""What identifies a person: types, their strength, and the one spelling under which a value is known."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

PRIORITY = (
    "user_id",
    "member_id",
    "crm_id",
    "wechat_unionid",
    "phone",
    "wecom_external_userid",
    "wechat_openid",
    "email",
    "push_token",
    "device_id",
    "anonymous_id",
)
"""Strongest first; a type that a workspace adds comes last."""
PERSONAL = frozenset({"phone", "email"})
"""Stored as blind index and ciphertext only."""
SCOPED = {"wechat_openid": "the app id", "wecom_external_userid": "the corp id"}
NOBODY = frozenset(
    {"undefined", "null", "none", "nan", "nil", "[object object]", "anonymous", "unknown", "0", "-1"}
)
"""Values that programs send when they know nobody; they would join strangers."""
MAX_LENGTH = 512
MAX_BYTES = 2_048
"""Of value and scope together, in UTF-8: they are one index row, which PostgreSQL holds to 2,704."""

_CHINESE_MOBILE = re.compile(r"^(?:\+?86)?(1[3-9]\d{9})$")
_EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+$")
_SEPARATORS = str.maketrans("", "", " -()\u00a0")

ParsePhone = Callable[[str], str | None]
"""Any written form → E.164, None when it is no number."""


class Identifier(NamedTuple):
    """A normalised identifier."""

    type: str
    scope: str
    value: str


@dataclass(frozen=True, slots=True)
class Refused:
    reason: str
    detail: str


def strength(identifier_type: str) -> int:
    """Rank by which the strongest identifier of a record is chosen; lower is stronger."""
    return _RANK.get(identifier_type, len(PRIORITY))


_RANK = {name: rank for rank, name in enumerate(PRIORITY)}


def normalise(kind: str, scope: str, value: str, parse_phone: ParsePhone) -> Identifier | Refused:
    """The identifier as it is known here, or why it cannot be one."""
    value = value.strip()
    if not value:
        return Refused("identifier_empty", f"{kind} is empty")
    if len(value) > MAX_LENGTH or len(f"{scope}{value}".encode()) > MAX_BYTES:
        return Refused(
            "identifier_too_long", f"{kind} has more than {MAX_LENGTH} characters or {MAX_BYTES} bytes"
        )
    if value.lower() in NOBODY:
        return Refused("identifier_nobody", f"{kind} holds a value that stands for nobody")
    if kind in SCOPED and not scope:
        return Refused("scope_missing", f"{kind} needs a scope: {SCOPED[kind]}")
    if kind == "phone":
        number = normalise_phone(value, parse_phone)
        return Identifier(kind, "", number) if number else Refused("phone_invalid", "not a phone number")
    if kind == "email":
        address = normalise_email(value)
        return Identifier(kind, "", address) if address else Refused("email_invalid", "not an e-mail address")
    return Identifier(kind, scope, value)


def normalise_phone(value: str, parse_phone: ParsePhone) -> str | None:
    """E.164. Chinese mobiles, nearly all there are here, take a path sixty times as fast."""
    plain = value.translate(_SEPARATORS)
    mobile = _CHINESE_MOBILE.match(plain)
    return f"+86{mobile[1]}" if mobile else parse_phone(plain)


def normalise_email(value: str) -> str | None:
    """Lower case, the domain in its ASCII form."""
    if not _EMAIL.match(value):
        return None
    local, _, domain = value.lower().rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode() if not domain.isascii() else domain}"
    except UnicodeError:
        return None


def mask(kind: str, value: str) -> str:
    """What may be shown of a personal value: +86138****5678, z***@example.com."""
    if kind == "phone":
        return f"{value[:-8]}****{value[-4:]}" if len(value) > 8 else "****"
    local, _, domain = value.rpartition("@")
    return f"{local[:1]}***@{domain}"
