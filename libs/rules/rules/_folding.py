"""The one spelling that a text is stored and compared in."""

from typing import Any, Final
from unicodedata import is_normalized, normalize

FORM: Final = "NFC"


def fold(data: Any) -> Any:
    """JSON with every text, names of members included, in Unicode's form NFC. Case, width and space stay as they are.

    Idempotent. What needs no folding is returned as it came; of two names that become one the later value stays.
    """
    if isinstance(data, str):
        return data if is_folded(data) else normalize(FORM, data)
    if isinstance(data, list):
        return [fold(each) for each in data]
    if isinstance(data, dict):
        return {fold(name): fold(value) for name, value in data.items()}
    return data


def is_folded(text: str) -> bool:
    return text.isascii() or is_normalized(FORM, text)
