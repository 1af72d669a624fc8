"""Whatever a template says: it is refused or rendered, soon, within its size, and reads nothing but its variables."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from dispatch_service.bounded_liquid import MAX_ARGUMENT, MAX_ELEMENTS, MAX_TEXT
from dispatch_service.domain.content import Content
from dispatch_service.domain.sends import Rendered
from dispatch_service.rendering import MAX_OUTPUT, RENDER_S, LiquidRenderer
from dispatch_service.template_checks import TOO_LONG, TemplateChecks
from hypothesis import given, settings

from ._liquid import ENTRY, texts
from ._made import intention

RENDERER = LiquidRenderer()
SLACK_S = 0.5
"""Processor time of one step in C, which is waited for."""
outcomes: Counter[str] = Counter()


@pytest.fixture
async def checks() -> AsyncIterator[TemplateChecks]:
    made = TemplateChecks()
    yield made
    await made.close()


def rendered(text: str, variables: Mapping[str, Any]) -> Rendered:
    return RENDERER.render(Content(text=text), intention(variables=variables))


@settings(max_examples=200, deadline=None)
@given(texts)
def test_every_text_ends_within_its_limits(text: str) -> None:
    before = time.process_time()
    problem = RENDERER.problem(text)
    found = rendered(text, {"entry": ENTRY})
    took = time.process_time() - before
    assert took < RENDER_S + SLACK_S
    assert len(found.content.text.encode()) <= MAX_OUTPUT
    assert bool(found.content.text) != bool(found.problem)
    outcomes["no template" if problem else "failed" if found.problem else "rendered"] += 1


def test_all_outcomes_were_reached() -> None:
    print(dict(outcomes))
    assert min(outcomes[kind] for kind in ("no template", "failed", "rendered")) >= 8


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'x'" + " | replace: 'x', 'xxxxxxxxxx'" * 9 + " }}",
        "{{ (1..1000000000) | join }}",
        "{{ (1..100000000000000000000000) | first }}",
        "{{ entry.a" + " | append: entry.a" * 40 + " }}",
        "{% assign b = 'x,y' | split: ',' %}" + "{% assign b = b | concat: b %}" * 30 + "{{ b | size }}",
        "{{ 99" + " | times: 999999999999999999" * 100 + " }}",
        "{{ '1e999' | ceil }}",
        "{% for i in (1..30) %}{% for j in (1..30) %}"
        + "{% if a == b %}{% endif %}" * 130
        + "{% endfor %}{% endfor %}x",
        "{{ a" + "[a" * 900 + "]" * 900 + " }}",
    ],
    ids=["replaces", "joins", "counts", "appends", "doubles", "multiplies", "infinite", "loops", "nests"],
)
def test_what_grows_without_end_fails_soon_and_alone(text: str) -> None:
    before = time.process_time()
    assert rendered(text, {"entry": ENTRY}).problem == "template_failed"
    assert time.process_time() - before < RENDER_S + SLACK_S
    assert rendered("{{ entry.n }}", {"entry": ENTRY}).content.text == str(10**18)


@pytest.mark.parametrize(
    "text", ["{% include 'settings.py' %}", "{% render '/etc/passwd' %}", "{% import os %}"]
)
def test_no_other_file_is_read(text: str) -> None:
    assert "unexpected tag" in RENDERER.problem(text)


@pytest.mark.parametrize("name", ["__class__", "__init__", "items", "keys", "pop", "clear"])
def test_nothing_but_values_is_reached(name: str) -> None:
    text = f"[{{{{ entry.{name} }}}}{{{{ entry.list.{name} }}}}{{{{ entry.a['{name}'] }}}}]"
    assert rendered(text, {"entry": {"a": "t", "list": [1]}}).content.text == "[]"


def test_values_up_to_the_limits_pass() -> None:
    entry = {"long": "x" * MAX_TEXT, "part": "y" * MAX_ARGUMENT, "list": ["z"] * MAX_ELEMENTS}
    text = (
        "{{ entry.long | truncate: 5 }} {{ 'a' | append: entry.part | size }} {{ entry.list | join | size }}"
    )
    assert rendered(text, {"entry": entry}).content.text == f"xx... {MAX_ARGUMENT + 1} 1999"


async def test_the_check_says_what_the_parser_says(checks: TemplateChecks) -> None:
    assert await checks.problem("{{ entry.name }}\n{% if a %}ü{% endif %}") == ""
    for text in ("{{ entry.name", "{% include 'x' %}"):
        assert await checks.problem(text) == RENDERER.problem(text) != ""


async def test_a_parser_that_does_not_answer_is_ended_and_the_next_text_has_a_new_one(
    checks: TemplateChecks,
) -> None:
    assert await checks.problem("{{ a }}") == ""
    [child] = checks._idle
    os.kill(child.pid, signal.SIGSTOP)
    checks.patience_s = 0.1
    assert await checks.problem("{{ a }}") == TOO_LONG
    assert child.returncode == -signal.SIGKILL
    checks.patience_s = 60
    assert await checks.problem("{{ a }}") == ""


async def test_a_child_that_died_is_replaced_and_memory_is_held(checks: TemplateChecks) -> None:
    assert await checks.problem("{{ a }}") == ""
    [child] = checks._idle
    told = Path(f"/proc/{child.pid}")
    limits = await asyncio.to_thread((told / "limits").read_text)
    environment = await asyncio.to_thread((told / "environ").read_text)
    assert "Max address space         536870912" in limits
    assert not environment, "no settings, no secrets"
    child.kill()
    await child.wait()
    assert await checks.problem("{{ a }}") == ""
