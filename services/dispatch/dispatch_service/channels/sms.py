"""SMS: one text."""

from collections.abc import Mapping
from typing import ClassVar

from dispatch_service.domain.content import PARTS, Content

LONGEST_TEXT = 4_000
"""Characters of template source."""


class Sms:
    name: ClassVar[str] = "sms"
    label: ClassVar[Mapping[str, str]] = {"en": "SMS", "zh": "短信"}
    address_type: ClassVar[str] = "phone"
    template_schema: ClassVar[Mapping[str, object]] = {
        "type": "object",
        "required": ["text"],
        "properties": {"text": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}},
    }

    def problem(self, content: Content) -> tuple[str, str]:
        for part in PARTS:
            if part != "text" and getattr(content, part):
                return part, f"an SMS has no {part}: leave it out, or make it an e-mail"
        if not content.text.strip() or len(content.text) > LONGEST_TEXT:
            return "text", f"text must have 1 to {LONGEST_TEXT} characters"
        return "", ""
