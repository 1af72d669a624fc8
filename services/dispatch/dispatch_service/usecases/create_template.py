"""Stores a template after checking that its channel can send it and that it can be rendered."""

from collections.abc import Mapping
from datetime import datetime

from chassis.database import Tx
from chassis.errors import InvalidArgument

from dispatch_service.domain.content import LIQUID
from dispatch_service.ports import Channel, Renderer
from dispatch_service.store import templates
from dispatch_service.store.templates import Body

LONGEST_NAME = 200


async def create_template(
    tx: Tx,
    channels: Mapping[str, Channel],
    renderer: Renderer,
    template_id: str,
    name: str,
    body: Body,
    now: datetime,
) -> None:
    """Raises InvalidArgument naming the field."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidArgument(f"name must have 1 to {LONGEST_NAME} characters", field="name")
    channel = channels.get(body.channel)
    if channel is None:
        raise InvalidArgument(f"channel must be one of {', '.join(channels)}", field="channel")
    field, problem = channel.problem(body.content)
    if problem:
        raise InvalidArgument(problem, field=field)
    for part in LIQUID:
        if problem := renderer.problem(getattr(body.content, part)):
            raise InvalidArgument(f"{part} is not a Liquid template: {problem}", field=part)
    await templates.add(tx, template_id, name, body, now)
