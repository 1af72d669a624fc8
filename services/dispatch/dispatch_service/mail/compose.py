"""Content → the bytes of an e-mail."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

import css_inline

from dispatch_service.domain.content import Content
from dispatch_service.mail.addresses import mailbox
from dispatch_service.mail.plain_text import plain_text

_BODY = SMTP.clone(cte_type="7bit")
"""Seven bits need nothing of the servers on the way, and survive them as they were signed."""
_HEADERS = _BODY.clone(max_line_length=998)
"""Folding would turn a long link into encoded words, which no mail program takes for a link."""
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def compose(
    content: Content, sender: Address, to: str, message_id: UUID, unsubscribe: str, now: datetime
) -> bytes:
    """`sender` where the template names none; `to` as `deliverable` gives it; `unsubscribe` a link, or empty."""
    author = mailbox(content.sender) if content.sender else sender
    assert author is not None, "templates are checked when they are made"
    mail = EmailMessage(policy=_BODY)
    mail["From"] = author
    mail["To"] = Address(addr_spec=to)
    if reply_to := mailbox(content.reply_to):
        mail["Reply-To"] = reply_to
    mail["Subject"] = one_line(content.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}@{author.domain}>"
    if unsubscribe:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(content.text or plain_text(content.html))
    if content.html:
        mail.add_alternative(_INLINER.inline(content.html), subtype="html")
    return mail.as_bytes(policy=_HEADERS)


def one_line(text: str) -> str:
    """As a header may have it: a variable cannot begin another header, whatever it holds."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
