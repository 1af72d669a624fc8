"""The words that say, as the whole of a reply, that somebody wants no more messages. A new word is one here."""

import unicodedata

OPT_OUT_WORDS = frozenset({
    "退订", "td", "t", "n", "r", "拒收", "取消订阅", "不要再发", "stop", "unsubscribe", "stopall", "cancel", "quit", "end",
})  # fmt: skip
"""Those that Chinese carriers and providers ask to be printed under a message (回T退订, 拒收请回复R), and CTIA's."""
LONGEST = 40
"""Characters of a reply that can be one of them, with what people put around a word."""


def opts_out(text: str) -> bool:
    """Whatever the case, the width of its letters, and spaces, quotes and stops around it."""
    if len(text) > LONGEST:
        return False
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum()) in OPT_OUT_WORDS
