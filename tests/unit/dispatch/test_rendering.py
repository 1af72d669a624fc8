"""Templates are rendered as text, and held to limits."""

import pytest
from dispatch_service.rendering import LiquidRenderer

from ._made import intention

RENDERER = LiquidRenderer()


def test_variables_of_the_entry_are_inserted_as_they_are() -> None:
    variables = {"entry": {"name": "<安>&", "items": [{"n": "a"}, {"n": "b"}]}}
    text = RENDERER.render(
        "{{ entry.name }}: {% for i in entry.items %}{{ i.n }}{% endfor %}{{ entry.none }}",
        intention(variables=variables),
    )
    assert text.text == "<安>&: ab"


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in (1..100000) %}x{% endfor %}",
        "{% for i in (1..900) %}{{ entry.long }}{% endfor %}",
        "{{ entry.name | divided_by: 0 }}",
        "{% render 'other' %}",
        "{{ entry.empty }}",
    ],
)
def test_a_text_that_runs_wild_or_says_nothing_is_refused(text: str) -> None:
    variables = {"entry": {"long": "x" * 1000, "name": "Ann", "empty": ""}}
    assert RENDERER.render(text, intention(variables=variables)).problem == "template_failed"


@pytest.mark.parametrize("text", ["{{ entry.name", "{% if entry %}", "{{ entry.name | nosuch }}"])
def test_what_is_no_template_says_why(text: str) -> None:
    assert RENDERER.problem(text) or RENDERER.render(text, intention()).problem
