"""Addresses as mail servers take them."""

from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr

from email_validator import EmailNotValidError, validate_email


def deliverable(address: str) -> str | None:
    """The address with its domain in ASCII (IDNA 2008). None when no server could take it: it is malformed, its domain is
    one that is never routed, or its local part needs SMTPUTF8, which few servers offer."""
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None


def mailbox(text: str) -> Address | None:
    """`Name <address>` or an address; None when it is neither."""
    name, address = parseaddr(text)
    found = deliverable(address)
    if found is None or not text.isprintable() or text.count("@") != 1:
        return None
    try:
        return Address(name, addr_spec=found)
    except (MessageError, ValueError):
        return None
