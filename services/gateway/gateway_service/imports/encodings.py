"""How the characters of a file are written, found while it passes by."""

import codecs
from codecs import IncrementalDecoder

_WINDOW = 64 * 1024
NAMES = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5")
"""Those that a file may be in."""
_ALIASES = {"utf8": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "utf16": "utf-16"}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LEGACY = ["gb18030", "big5"]


def known(name: str) -> str | None:
    """The encoding's name here; None when it is none of ours."""
    name = name.strip().lower()
    name = _ALIASES.get(name, name)
    return name if name in NAMES else None


def codec_of(name: str) -> str:
    """What decodes it, a mark at the beginning or not."""
    return "utf-8-sig" if name == "utf-8" else name


class EncodingWatch:
    """Sees every piece of a file once. Whether it is UTF-8 is known of all of it; which other encoding it is in is
    judged by its beginning and by the first stretch that is not UTF-8."""

    def __init__(self) -> None:
        self.head = b""
        self._telling = b""
        self._utf8: IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()

    def see(self, piece: bytes) -> None:
        if len(self.head) < _WINDOW:
            self.head += piece[: _WINDOW - len(self.head)]
        if self._utf8 is not None:
            try:
                self._utf8.decode(piece)
            except UnicodeDecodeError:
                self._utf8 = None
        if self._utf8 is None and len(self._telling) < _WINDOW:
            self._telling += piece[: _WINDOW - len(self._telling)]

    def verdict(self) -> str:
        for mark, name in _BOMS:
            if self.head.startswith(mark):
                return name
        if sides := _zeros(self.head):
            return sides
        # What the decoder still holds back is a character cut off at the end of the file: one damaged character.
        return "utf-8" if self._utf8 is not None else _legacy(self._telling, self.head)


def _zeros(head: bytes) -> str:
    """UTF-16 without a mark: of ASCII, and so of every separator, one byte in two is zero."""
    even, odd = head[0:2048:2].count(0), head[1:2048:2].count(0)
    most = max(even, odd)
    if most * 10 < min(len(head), 2048) or min(even, odd) * 20 > most:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _legacy(telling: bytes, head: bytes) -> str:
    """GB18030 unless it reads as Big5 alone. Both leave the line's end alone, so that whole lines can be cut out."""
    from charset_normalizer import from_bytes  # slow to load, and seldom needed

    begin = 0 if head.startswith(telling[:_WINDOW]) else telling.find(b"\n") + 1
    best = from_bytes(telling[begin : telling.rfind(b"\n") + 1] or telling, cp_isolation=_LEGACY).best()
    return "big5" if best is not None and best.encoding == "big5" else "gb18030"


def sample_of(head: bytes, encoding: str, size: int) -> str:
    """The beginning of a file of `size` bytes in whole lines."""
    text = head.decode(codec_of(encoding), "replace")
    return text if len(head) >= size else text[: text.rfind("\n") + 1] or text
