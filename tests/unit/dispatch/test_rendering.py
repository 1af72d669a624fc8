"""Templates are rendered as text, and held to limits."""

import pytest
from dispatch_service.domain.content import Content
from dispatch_service.rendering import LiquidRenderer

from ._made import intention

RENDERER = LiquidRenderer()


def test_variables_of_the_entry_are_inserted_as_they_are() -> None:
    variables = {"entry": {"name": "<安>&", "items": [{"n": "a"}, {"n": "b"}]}}
    text = "{{ entry.name }}: {% for i in entry.items %}{{ i.n }}{% endfor %}{{ entry.none }}"
    rendered = RENDERER.render(Content(text=text), intention(variables=variables))
    assert rendered.content == Content(text="<安>&: ab")


def test_in_html_variables_are_escaped_and_nowhere_else() -> None:
    content = Content(
        "{{ entry.name }}", "<b>{{ entry.name }}</b>", "{{ entry.name }}", "A <a@b.cn>", "c@b.cn"
    )
    rendered = RENDERER.render(content, intention(channel="email", variables={"entry": {"name": "<安>&"}}))
    assert rendered.content == Content("<安>&", "<b>&lt;安&gt;&amp;</b>", "<安>&", "A <a@b.cn>", "c@b.cn")


def test_an_email_may_be_longer_than_an_sms_and_no_part_of_it_may_be_blank() -> None:
    long = intention(channel="email", variables={"entry": {"long": "x" * 5000, "empty": " "}})
    assert not RENDERER.render(Content(text="{{ entry.long }}", subject="hi"), long).problem
    for subject in ("{{ entry.long }}", "{{ entry.empty }}"):
        assert RENDERER.render(Content(text="x", subject=subject), long).problem == "template_failed"


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
    assert RENDERER.render(Content(text=text), intention(variables=variables)).problem == "template_failed"


@pytest.mark.parametrize("text", ["{{ entry.name", "{% if entry %}", "{{ entry.name | nosuch }}"])
def test_what_is_no_template_says_why(text: str) -> None:
    assert RENDERER.problem(text) or RENDERER.render(Content(text=text), intention()).problem
