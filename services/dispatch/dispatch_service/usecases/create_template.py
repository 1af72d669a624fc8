"""Stores a template that can be rendered."""

from datetime import datetime

from chassis.database import Tx
from chassis.errors import InvalidArgument

from dispatch_service.store import templates

LONGEST_NAME = 200
LONGEST_TEXT = 4_000
"""Characters of template source."""


async def create_template(
    tx: Tx, template_id: str, name: str, channel: str, text: str, problem: str, now: datetime
) -> None:
    """`problem` is what the check of the text found, empty when nothing. Raises InvalidArgument naming the field."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidArgument(f"name must have 1 to {LONGEST_NAME} characters", field="name")
    if not channel:
        raise InvalidArgument("channel is required", field="channel")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidArgument(f"text must have 1 to {LONGEST_TEXT} characters", field="text")
    if problem:
        raise InvalidArgument(f"text is not a Liquid template: {problem}", field="text")
    await templates.add(tx, template_id, name, channel, text, now)
