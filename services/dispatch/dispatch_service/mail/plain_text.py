"""The plain part of an e-mail whose template has HTML only: words, line breaks, and where links lead."""

import re
from html.parser import HTMLParser

_HIDDEN = frozenset({"head", "style", "script", "title", "template"})
_BLOCKS = frozenset({"address", "article", "blockquote", "div", "dl", "dt", "dd", "footer", "form", "h1", "h2", "h3", "h4", "h5",
                     "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tr", "ul"})  # fmt: skip
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def plain_text(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.said).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._hidden = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self.said.append("\n")
        elif tag in ("td", "th"):
            self.said.append(" ")
        elif tag in _BLOCKS:
            self.said.append("\n- " if tag == "li" else "\n")
        elif tag == "img":
            self.said.append(given.get("alt") or "")
        elif tag == "a":
            self._link = given.get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self.said.append("\n")
        elif tag == "a" and self._link:
            self.said.append(f" ({self._link})")
            self._link = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(_SPACE.sub(" ", data))
