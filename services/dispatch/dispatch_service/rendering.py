"""Liquid, held to limits: the language is safe for text written by users, its loops and output are not."""

from functools import lru_cache

from liquid import Environment
from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from dispatch_service.domain.content import LIQUID, Content
from dispatch_service.domain.messages import Intention
from dispatch_service.domain.sends import Rendered


class _Text(Environment):
    """Text as it is: nothing is escaped."""

    context_depth_limit = 10
    loop_iteration_limit = 1_000
    local_namespace_limit = 20_000
    output_stream_limit = 4_000
    """Bytes; an SMS has at most 500 characters."""


class _Page(_Text):
    """The parts of an e-mail."""

    local_namespace_limit = 200_000
    output_stream_limit = 500_000


class LiquidRenderer:
    """A variable that is missing renders as nothing; in HTML variables are escaped."""

    def __init__(self) -> None:
        text, page, html = _Text(autoescape=False), _Page(autoescape=False), _Page(autoescape=True)
        self._environments = {"sms": {"text": text}, "email": {"text": page, "subject": text, "html": html}}
        self._plain = text
        self._parsed = lru_cache(maxsize=2_000)(self._parse)

    def problem(self, source: str) -> str:
        try:
            self._plain.from_string(source)
        except LiquidError as error:
            return str(error)
        return ""

    def render(self, content: Content, intention: Intention) -> Rendered:
        """A part that the template has and that comes out blank is a failure."""
        variables = {str(name): value for name, value in intention.variables.items()}
        parts = {part: source for part in LIQUID if (source := getattr(content, part))}
        try:
            said = {
                part: self._parsed(intention.channel, part, source).render(**variables)
                for part, source in parts.items()
            }
        except (LiquidError, RecursionError):
            return Rendered(problem="template_failed")
        if not said or not all(text.strip() for text in said.values()):
            return Rendered(problem="template_failed")
        return Rendered(Content(**said, sender=content.sender, reply_to=content.reply_to))

    def _parse(self, channel: str, part: str, source: str) -> BoundTemplate:
        return self._environments[channel][part].from_string(source)
