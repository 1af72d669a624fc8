"""The words that say, as the whole of a reply, that somebody wants no more messages."""

import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

SHIPPED = frozenset({
    "退订", "td", "t", "n", "r", "拒收", "取消订阅", "不要再发", "stop", "unsubscribe", "stopall", "cancel", "quit", "end",
})  # fmt: skip
"""Of a workspace that has none of its own: those that Chinese carriers and providers ask to be printed under a message
(回T退订, 拒收请回复R), and CTIA's."""
ALWAYS = frozenset({"退订", "stop", "unsubscribe"})
"""Whatever a workspace chooses: people know them from everywhere."""
LONGEST = 40
"""Characters of a reply that can be one of them, with what people put around a word."""
MOST_WORDS = 100


class Fault(NamedTuple):
    field: str
    detail: str


def opts_out(text: str, words: Collection[str] = SHIPPED) -> bool:
    """Whatever the case, the width of its letters, and spaces, quotes and stops around it. `words` are plain."""
    return may_opt_out(text) and plain(text) in words


def may_opt_out(text: str) -> bool:
    """Whether it is short enough."""
    return len(text) <= LONGEST


def plain(text: str) -> str:
    """The form in which words are compared: one case and width, letters and digits alone."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def read_words(stated: Iterable[str]) -> frozenset[str] | Fault:
    """The words in force where a workspace states these."""
    found = set(ALWAYS)
    for at, word in enumerate(stated):
        if len(word) > LONGEST or not plain(word):
            return Fault(f"words/{at}", f"a word has letters or digits, and at most {LONGEST} characters")
        found.add(plain(word))
    if len(found) > MOST_WORDS:
        return Fault("words", f"at most {MOST_WORDS} words, {', '.join(sorted(ALWAYS))} among them")
    return frozenset(found)
