"""Liquid, held to limits: the language is safe for text written by users, its loops and output are not."""

from functools import lru_cache

from liquid import Environment
from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from dispatch_service.domain.messages import Intention
from dispatch_service.domain.sends import Text


class _Bounded(Environment):
    context_depth_limit = 10
    loop_iteration_limit = 1_000
    local_namespace_limit = 20_000
    output_stream_limit = 4_000
    """Bytes; an SMS has at most 500 characters."""


class LiquidRenderer:
    """Text as it is: an SMS is no HTML, so nothing is escaped. A variable that is missing renders as nothing."""

    def __init__(self) -> None:
        self._environment = _Bounded(autoescape=False)
        self._parsed = lru_cache(maxsize=2_000)(self._parse)

    def problem(self, text: str) -> str:
        try:
            self._parse(text)
        except LiquidError as error:
            return str(error)
        return ""

    def render(self, text: str, intention: Intention) -> Text:
        try:
            rendered = self._parsed(text).render(**{str(k): v for k, v in intention.variables.items()})
        except (LiquidError, RecursionError):
            return Text(problem="template_failed")
        return Text(rendered) if rendered.strip() else Text(problem="template_failed")

    def _parse(self, text: str) -> BoundTemplate:
        return self._environment.from_string(text)
