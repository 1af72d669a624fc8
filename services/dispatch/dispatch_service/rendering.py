"""Liquid, held to limits: the language is safe for text written by users, its loops, filters and output are not."""

from functools import lru_cache

from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from dispatch_service.bounded_liquid import environment
from dispatch_service.cpu_limit import OutOfTime, cpu_limit
from dispatch_service.domain.content import LIQUID, Content
from dispatch_service.domain.messages import Intention
from dispatch_service.domain.sends import Rendered

RENDER_S = 0.25
"""Processor time a message may take; a usual one takes 20 µs."""
MAX_OUTPUT = 4_000
"""Bytes of a text or subject; an SMS has at most 500 characters."""
MAX_PAGE = 500_000
"""Bytes of a part of an e-mail."""


class LiquidRenderer:
    """A variable that is missing renders as nothing; in HTML variables are escaped."""

    def __init__(self) -> None:
        text = environment(autoescape=False, output_bytes=MAX_OUTPUT)
        page = environment(autoescape=False, output_bytes=MAX_PAGE)
        html = environment(autoescape=True, output_bytes=MAX_PAGE)
        self._environments = {"sms": {"text": text}, "email": {"text": page, "subject": text, "html": html}}
        self._plain = text
        self._parsed = lru_cache(maxsize=2_000)(self._parse)

    def problem(self, source: str) -> str:
        """Why this is no template; empty when it is one. May take for ever: TemplateChecks puts an end to it."""
        try:
            self._plain.from_string(source)
        except (LiquidError, RecursionError) as error:
            return str(error)
        return ""

    def render(self, content: Content, intention: Intention) -> Rendered:
        """A part that the template has and that comes out blank is a failure."""
        variables = {str(name): value for name, value in intention.variables.items()}
        parts = {part: source for part in LIQUID if (source := getattr(content, part))}
        try:
            with cpu_limit(RENDER_S):
                said = {
                    part: self._parsed(intention.channel, part, source).render(**variables)
                    for part, source in parts.items()
                }
        except (Exception, OutOfTime):  # noqa: BLE001 - filters raise whatever Python does; one message fails alone
            return Rendered(problem="template_failed")
        if not said or not all(text.strip() for text in said.values()):
            return Rendered(problem="template_failed")
        return Rendered(Content(**said, sender=content.sender, reply_to=content.reply_to))

    def _parse(self, channel: str, part: str, source: str) -> BoundTemplate:
        return self._environments[channel][part].from_string(source)
