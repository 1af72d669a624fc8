"""Liquid, held to limits: the language is safe for text written by users, its loops and output are not."""

from functools import lru_cache

from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from dispatch_service.bounded_liquid import environment
from dispatch_service.cpu_limit import OutOfTime, cpu_limit
from dispatch_service.domain.messages import Intention
from dispatch_service.domain.sends import Text

RENDER_S = 0.25
"""Processor time a text may take; a usual one takes 20 µs."""
MAX_OUTPUT = 4_000
"""Bytes; an SMS has at most 500 characters."""


class LiquidRenderer:
    """Text as it is: an SMS is no HTML, so nothing is escaped. A variable that is missing renders as nothing."""

    def __init__(self) -> None:
        self._environment = environment(autoescape=False, output_bytes=MAX_OUTPUT)
        self._parsed = lru_cache(maxsize=2_000)(self._parse)

    def problem(self, text: str) -> str:
        """Why this is no template; empty when it is one. May take for ever: TemplateChecks puts an end to it."""
        try:
            self._parse(text)
        except (LiquidError, RecursionError) as error:
            return str(error)
        return ""

    def render(self, text: str, intention: Intention) -> Text:
        try:
            with cpu_limit(RENDER_S):
                rendered = self._parsed(text).render(**{str(k): v for k, v in intention.variables.items()})
        except (Exception, OutOfTime):  # noqa: BLE001 - filters raise whatever Python does; one text fails alone
            return Text(problem="template_failed")
        return Text(rendered) if rendered.strip() else Text(problem="template_failed")

    def _parse(self, text: str) -> BoundTemplate:
        return self._environment.from_string(text)
