"""What must not leave profile: personal keys, and strings that are a phone number or an e-mail address."""

import re
from dataclasses import dataclass
from typing import Any

PERSONAL_KEYS = frozenset(
    {
        "phone", "mobile", "tel", "telephone", "email", "mail", "name", "first_name", "last_name", "firstname",
        "lastname", "full_name", "nickname", "address", "street", "id_card", "idcard", "passport", "ip", "birthday",
    }
)  # fmt: skip
"""Shipped list of keys that hold personal data when a workspace has not declared otherwise."""
CONTACT_KEYS = frozenset({"phone", "mobile", "tel", "telephone", "email", "mail"})
"""Those that no declaration opens: contact data leaves profile by one door alone."""

_VALUE = re.compile(r"^\s*(?:\+?86)?1[3-9]\d{9}\s*$|^[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+$")
_SUSPECT = re.compile(
    rb'"(?:(?:\+?86)?1[3-9]\d{9}"|(?:' + b"|".join(sorted(k.encode() for k in PERSONAL_KEYS)) + rb')"\s*:)'
)
"""Looked for in lower case: to search whatever the case takes twice as long."""


@dataclass(frozen=True, slots=True)
class Separated:
    """An object cut in two: what may be published, what is kept sealed, and the paths that were held back."""

    public: dict[str, Any]
    held_back: dict[str, Any]
    paths: tuple[str, ...]


def may_be_personal(raw: bytes) -> bool:
    """A cheap look at encoded JSON: false means that `separate` would hold nothing back."""
    return b"@" in raw or _SUSPECT.search(raw.lower()) is not None


def separate(
    data: dict[str, Any], allowed: frozenset[str] = frozenset(), added: frozenset[str] = frozenset()
) -> Separated:
    """Holds back personal keys at the top, those in `added` (lower case) among them, and personal-looking strings
    anywhere."""
    public: dict[str, Any] = {}
    held: dict[str, Any] = {}
    for key, value in data.items():
        low = key.lower()
        if (low in PERSONAL_KEYS and low not in allowed) or low in added:
            held[key] = value
            continue
        public[key] = _cleaned(value, key, held)
    return Separated(public, held, tuple(held))


def _cleaned(value: Any, path: str, held: dict[str, Any]) -> Any:
    if isinstance(value, str):
        # Most texts are too short for a number, and no address.
        if (len(value) >= 11 or "@" in value) and len(value) < 320 and _VALUE.match(value):
            held[path] = value
            return None
        return value
    if isinstance(value, list):
        return [_cleaned(item, f"{path}[{n}]", held) for n, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _cleaned(item, f"{path}.{key}", held) for key, item in value.items()}
    return value
