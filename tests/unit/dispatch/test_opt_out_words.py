"""Which replies opt out."""

import pytest
from dispatch_service.domain.opt_out_words import (
    ALWAYS,
    LONGEST,
    MOST_WORDS,
    SHIPPED,
    Fault,
    opts_out,
    read_words,
)


@pytest.mark.parametrize(
    "text",
    ["退订", "TD", "td", "T", "N", "R", " Stop. ", "ＴＤ", "“退订”。", "UNSUBSCRIBE", "拒收", "stop all"],
)
def test_a_word_by_itself_does(text: str) -> None:
    assert opts_out(text)


@pytest.mark.parametrize(
    "text", ["", "?", "不要退订", "please do not stop", "T恤有货吗", "TN", "1", "STOP" + " " * LONGEST]
)
def test_nothing_else_does(text: str) -> None:
    assert not opts_out(text)


def test_every_word_is_written_as_it_is_compared() -> None:
    assert all(opts_out(word) for word in SHIPPED)
    assert ALWAYS < SHIPPED


def test_words_of_a_workspace_take_the_place_of_most_of_those_shipped() -> None:
    words = read_words(["ＮＯ more!", "不要", "不 要"])
    assert words == {"nomore", "不要", *ALWAYS}
    assert not isinstance(words, Fault)
    assert [opts_out(text, words) for text in ("No, more.", "不要", "停 STOP", "Stop", "TD")] == [
        True, True, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        (["退订", "?!"], "words/1"),
        (["x" * (LONGEST + 1)], "words/0"),
        ([str(n) for n in range(MOST_WORDS)], "words"),
    ],
)
def test_what_cannot_be_a_word_is_told(stated: list[str], field: str) -> None:
    fault = read_words(stated)
    assert isinstance(fault, Fault)
    assert fault.field == field
