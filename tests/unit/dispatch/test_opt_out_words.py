"""Which replies opt out."""

import pytest
from dispatch_service.domain.opt_out_words import LONGEST, OPT_OUT_WORDS, opts_out


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
    assert all(opts_out(word) for word in OPT_OUT_WORDS)
