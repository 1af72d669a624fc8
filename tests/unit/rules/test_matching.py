"""Regular expressions: the same answers as Python's own where both understand, and never slow."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules import Facts, RuleError, evaluate, explain, parse

from . import _language as whole
from ._reached import assert_floor, counter

atoms = st.sampled_from(
    [
        "a",
        "b",
        "c",
        ".",
        "[ab]",
        "[^a]",
        r"\d",
        r"\w",
        r"\s",
        "上",
        "^",
        "$",
        r"\.",
        "[a-c1]",
        r"[\d-]",
        "[]a]",
    ]
)
patterns = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=2).map("|".join),
        inner.map(lambda p: f"({p})"),
        st.builds(
            lambda p, q: f"(?:{p}){q}", inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])
        ),
    ),
    max_leaves=6,
)
texts = st.text(st.sampled_from("abc1. \n上-]"), max_size=6)


def matches(pattern: str, text: str) -> bool:
    return evaluate(parse({"trait": "t", "op": "matches", "value": pattern}), Facts({"t": text}))


def test_it_agrees_with_pythons_own() -> None:
    """Python's `$` also stands before a last newline, ours and RE2's only at the end: `\\Z` says that."""
    reached = counter("matches")

    @whole.proven
    @given(patterns, st.lists(texts, min_size=1, max_size=6))
    def check(pattern: str, subjects: list[str]) -> None:
        own = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
        for text in subjects:
            found = own.search(text) is not None
            assert matches(pattern, text) is found
            reached.update({"cases": 1, "found": found, "not found": not found})

    check()
    assert_floor("matches", **{"found": 100, "not found": 50})


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a)*b", "(a|aa)+$b", "(.*)(.*)(.*)(.*)(.*)b"])
def test_no_pattern_is_slow(pattern: str) -> None:
    """Each takes a backtracking engine longer than the universe is old."""
    began = time.monotonic()
    assert not matches(pattern, "a" * 4_000)
    assert time.monotonic() - began < 2


def test_a_long_text_is_unknown() -> None:
    rule = parse({"trait": "t", "op": "matches", "value": "a"})
    assert explain(rule, Facts({"t": "a" * 4_096}))["result"] is True
    assert explain(rule, Facts({"t": "a" * 4_097}))["known"] is False


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[", "[a", "*", "a**", "a{2", "a{2,1}", "a{101}", "(?=a)", "(?P<n>a)", r"\1", r"\b", r"\p{L}", "\\", "[b-a]", "(a{100}){100}", "a" * 501, "(" * 60 + ")" * 60],
)  # fmt: skip
def test_what_is_outside_the_subset_is_refused(pattern: str) -> None:
    with pytest.raises(RuleError):
        parse({"trait": "t", "op": "matches", "value": pattern})
