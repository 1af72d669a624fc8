"""Personal data in what is shown of events: hidden, whatever a workspace declares. More is hidden than profile holds
back, since nothing that follows depends on it."""

import re
from typing import Any

HIDDEN = "***"
PERSONAL_KEYS = frozenset(
    {
        "phone", "mobile", "tel", "telephone", "email", "mail", "name", "first_name", "last_name", "firstname",
        "lastname", "full_name", "fullname", "nickname", "username", "address", "street", "id_card", "idcard",
        "passport", "ip", "birthday",
    }
)  # fmt: skip
_KEPT = frozenset({"product", "campaign", "app", "library", "os", "device", "network", "screen"})
"""Objects whose `name` is not a person's."""
_PERSONAL_VALUE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)|[^\s@]+@[^\s@]+\.[^\s@]+")


def masked(value: Any, within: str = "") -> Any:
    """JSON with personal members and texts replaced; `within` is the name of what holds the value."""
    if isinstance(value, str):
        return HIDDEN if _PERSONAL_VALUE.search(value) else value
    if isinstance(value, list):
        return [masked(each, within.removesuffix("s")) for each in value]
    if isinstance(value, dict):
        return {key: HIDDEN if _hides(key, within) else masked(each, key) for key, each in value.items()}
    return value


def _hides(key: str, within: str) -> bool:
    return key.lower() in PERSONAL_KEYS and not (key == "name" and within in _KEPT)
