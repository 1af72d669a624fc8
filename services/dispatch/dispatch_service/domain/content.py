"""What a message says, part by part."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Content:
    """The parts of a template, in Liquid, and of a message, rendered. What a channel has no use for is empty."""

    text: str = ""
    html: str = ""
    subject: str = ""
    sender: str = ""
    """`Name <address>` or an address; never Liquid. Empty: the account's own."""
    reply_to: str = ""
    """An address; never Liquid."""


PARTS = tuple(field.name for field in fields(Content))
LIQUID = ("text", "html", "subject")
"""The parts that are rendered."""
