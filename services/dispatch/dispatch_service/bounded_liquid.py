"""Liquid for text written by users: no other file is read, and no step makes more than it may.

The language's own limits hold loops, output and assigned values. A filter's result is none of these:
`{{ x | replace: 'x', 'xxxxxxxxxx' | replace: … }}` multiplies by ten each time, and `(1..1000000000) | join` needs no
input at all. So every value that goes into or comes out of a filter is held to a size here.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from liquid import Environment
from liquid.exceptions import ResourceLimitError

MAX_TEXT = 32_768
"""Characters that go into a filter or come out of it; no text of an event is longer."""
MAX_ARGUMENT = 1_000
"""Characters of a text behind the colon: what `replace` inserts at each of MAX_TEXT places."""
MAX_ELEMENTS = 1_000
"""Of a list or range."""
MAX_BITS = 256
"""Of an integer."""


class _Bounded(Environment):
    block_nesting_limit = 30
    context_depth_limit = 10
    loop_iteration_limit = 1_000
    local_namespace_limit = 20_000


def environment(*, autoescape: bool, output_bytes: int) -> Environment:
    made = _Bounded(autoescape=autoescape)
    made.output_stream_limit = output_bytes  # type: ignore[misc]
    for name in ("include", "render"):
        del made.tags[name]
    made.filters = {name: _bounded(name, function) for name, function in made.filters.items()}
    return made


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def bounded(value: Any, *arguments: Any, **named: Any) -> Any:
        _hold(name, value, MAX_TEXT)
        for argument in arguments:
            _hold(name, argument, MAX_ARGUMENT)
        found = function(value, *arguments, **named)
        _hold(name, found, MAX_TEXT)
        return found

    return bounded


def _hold(name: str, value: object, most: int) -> None:
    if isinstance(value, str):
        if len(value) > most:
            raise ResourceLimitError(f"{name}: a text of more than {most} characters", token=None)
    elif isinstance(value, int):
        if value.bit_length() > MAX_BITS:
            raise ResourceLimitError(f"{name}: a number of more than {MAX_BITS} bits", token=None)
    elif isinstance(value, list | tuple | range) and value[MAX_ELEMENTS:]:
        raise ResourceLimitError(f"{name}: a list of more than {MAX_ELEMENTS} elements", token=None)
