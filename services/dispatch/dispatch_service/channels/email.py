"""E-mail: a subject, and a text, HTML, or both."""

from collections.abc import Mapping
from typing import ClassVar

from dispatch_service.domain.content import Content
from dispatch_service.mail.addresses import mailbox

LONGEST_SUBJECT = 500
LONGEST_BODY = 100_000
"""Characters of template source. Mail programs cut what is longer when rendered."""


class Email:
    name: ClassVar[str] = "email"
    label: ClassVar[Mapping[str, str]] = {"en": "E-mail", "zh": "电子邮件"}
    address_type: ClassVar[str] = "email"
    template_schema: ClassVar[Mapping[str, object]] = {
        "type": "object",
        "required": ["subject"],
        "anyOf": [{"required": ["html"]}, {"required": ["text"]}],
        "properties": {
            "subject": {"type": "string", "minLength": 1, "maxLength": LONGEST_SUBJECT},
            "html": {"type": "string", "maxLength": LONGEST_BODY},
            "text": {"type": "string", "maxLength": LONGEST_BODY},
            "from": {"type": "string", "description": "`Name <address>`; the account's own when left out."},
            "reply_to": {"type": "string", "format": "email"},
        },
    }

    def problem(self, content: Content) -> tuple[str, str]:
        if not content.subject.strip() or len(content.subject) > LONGEST_SUBJECT:
            return "subject", f"an e-mail needs a subject of 1 to {LONGEST_SUBJECT} characters"
        if not (content.html.strip() or content.text.strip()):
            return "html", "an e-mail needs html or text"
        for part in ("html", "text"):
            if len(getattr(content, part)) > LONGEST_BODY:
                return part, f"{part} may have {LONGEST_BODY} characters"
        if content.sender and mailbox(content.sender) is None:
            return "from", "from must be an address, or `Name <address>`"
        if content.reply_to and mailbox(content.reply_to) is None:
            return "reply_to", "reply_to must be an address, or `Name <address>`"
        return "", ""
