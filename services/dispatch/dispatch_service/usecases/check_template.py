"""What a template must be before it is stored: something that its channel can send, and that can be rendered."""

from collections.abc import Mapping

from chassis.errors import InvalidArgument

from dispatch_service.domain.content import LIQUID, Content
from dispatch_service.ports import Channel, TemplateCheck

LONGEST_NAME = 200


async def check_template(
    channels: Mapping[str, Channel], checks: TemplateCheck, name: str, channel_name: str, content: Content
) -> None:
    """Raises InvalidArgument naming the field. Asks another process, so no transaction may be open."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidArgument(f"name must have 1 to {LONGEST_NAME} characters", field="name")
    channel = channels.get(channel_name)
    if channel is None:
        raise InvalidArgument(f"channel must be one of {', '.join(channels)}", field="channel")
    field, problem = channel.problem(content)
    if problem:
        raise InvalidArgument(problem, field=field)
    for part in LIQUID:
        if problem := await checks.problem(getattr(content, part)):
            raise InvalidArgument(f"{part} is not a Liquid template: {problem}", field=part)
