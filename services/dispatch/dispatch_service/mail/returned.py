"""Mail that comes back: delivery reports (RFC 3464), complaints (RFC 5965), and reports of servers that follow neither."""

import re
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default

from dispatch_service.domain.messages import MessageState
from dispatch_service.domain.settlement import Receipt

HARD = re.compile(r"5\.1\.(?![78]$)\d+|5\.2\.1|5\.4\.4")
"""Status codes that say that the address does not exist (.7 and .8 speak of the sender's), is disabled, or that its
domain takes no mail: nothing is sent there again. Other failures may pass."""
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_OURS = re.compile(rb"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")
_ACTIONS = {
    "failed": MessageState.BOUNCED,
    "delivered": MessageState.DELIVERED,
    "relayed": MessageState.ACCEPTED,
    "expanded": MessageState.ACCEPTED,
}
"""Not `delayed`: the server goes on trying."""


def receipt_of(raw: bytes) -> tuple[str, Receipt] | None:
    """(our message's id, what became of it). None for mail that tells nothing, an answer of a person for example, or
    that is about no mail of ours."""
    mail = BytesParser(EmailMessage, policy=default).parsebytes(raw)
    # The returned headers come last, after what a server says about them in words.
    ids = _OURS.findall(raw)
    found = _report(mail) if ids else None
    return (ids[-1].decode(), found) if found else None


def closes(status: str) -> str:
    return "hard_bounce" if HARD.fullmatch(status) else ""


def status_in(text: str) -> str:
    """The enhanced status code (RFC 3463) of a server's answer; empty when it has none."""
    found = _STATUS.search(text)
    return found[0] if found else ""


def _report(mail: EmailMessage) -> Receipt | None:
    for part in mail.walk():
        match part.get_content_type():
            case "message/delivery-status":
                return _delivery(part)
            case "message/feedback-report":
                return _complaint(part)
    status = status_in(_text(mail)) if _is_from_a_server(mail) else ""
    if not status.startswith("5."):
        return None
    return Receipt(MessageState.BOUNCED, "", status, closes(status))


def _delivery(part: Message) -> Receipt | None:
    """A mail of ours has one recipient, so its report has one block beside the server's own."""
    for block in _blocks(part):
        state = _ACTIONS.get(str(block.get("Action", "")).strip().lower())
        if state is None:
            continue
        given = str(block.get("Status", ""))
        status = status_in(given) or status_in(str(block.get("Diagnostic-Code", "")))
        if state is not MessageState.BOUNCED:
            return Receipt(state, "")
        return Receipt(state, "", status or "5.0.0", closes(status))
    return None


def _complaint(part: Message) -> Receipt | None:
    kinds = [str(block.get("Feedback-Type", "")).strip().lower() for block in _blocks(part)]
    kind = next(filter(None, kinds), "")
    if not kind or kind == "not-spam":
        return None
    return Receipt(MessageState.COMPLAINED, "", kind, "complaint")


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _is_from_a_server(mail: EmailMessage) -> bool:
    """As a report that is not in the form of one shows itself (RFC 3834, 5321): no return path, or a daemon's name."""
    author = str(mail.get("From", "")).lower()
    return str(mail.get("Return-Path", "")).strip() == "<>" or "mailer-daemon@" in author


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    try:
        return str(body.get_content()) if body else ""
    except (LookupError, KeyError, ValueError):  # a charset nobody knows
        return ""
