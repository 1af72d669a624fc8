"""The second net under the rule that logs hold no personal data and no secret: what looks like either is blotted out
of every text of a line. The first is that callers name fields, and pass no payloads."""

import re
from collections.abc import MutableMapping
from typing import Any

_NETS = (
    (re.compile(r"(?a)\bwp_(write|secret)_[\w-]{8,}"), r"wp_\1_[key]"),
    (re.compile(r"(?ai)\b(bearer|basic)\s+[\w+/=.~-]{8,}"), r"\1 [credential]"),
    (re.compile(r"(://[^/\s:@]*):[^@\s]+@"), r"\1:[password]@"),
    (re.compile(r"(?a)[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"(?a)(?<![\w-])\d{6}(?:19|20)\d{9}[\dXx](?!\w)"), "[id card]"),
    (re.compile(r"(?a)(?<![\w.-])(?:\+?86[ -]?)?1[3-9]\d{9}(?!\w|\.\d)"), "[phone]"),
)


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor; goes behind the one that writes exceptions as text."""
    for key, value in line.items():
        line[key] = _clean(value)
    return line


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        for net, blot in _NETS:
            value = net.sub(blot, value)
        return value
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
