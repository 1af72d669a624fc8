"""A form's page shows texts as texts, whoever wrote them."""

from collections import Counter
from html.parser import HTMLParser
from urllib.parse import quote

from gateway_service.forms import page
from gateway_service.forms.answers import Fault
from gateway_service.forms.definition import FormDefinition
from gateway_service.forms.page import Filled
from hypothesis import given, settings
from hypothesis import strategies as st


class _Page(HTMLParser):
    """The elements of a page and its text."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(shown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


NASTY = st.lists(
    st.sampled_from(['"', "'", "<", ">", "&", "script", "</textarea>", "</title>", " onload=", "{0}", "%s", "字", "a"]),
    min_size=1,
    max_size=6,
).map("".join)  # fmt: skip
REACHED: Counter[str] = Counter()


@settings(max_examples=40, deadline=None)
@given(st.lists(NASTY, min_size=12, max_size=12))
def _no_text_becomes_markup(texts: list[str]) -> None:
    """Wherever a text stands, the page has the elements of the form and no others, and shows the text."""
    plain = _Page(_shown(["x"] * 12))
    shown = _shown(texts)
    nasty = _Page(shown)
    REACHED["with markup"] += sum("<" in text or '"' in text for text in texts)
    REACHED["all"] += len(texts)
    assert nasty.tags == plain.tags
    assert [name for name, _ in nasty.attributes] == [name for name, _ in plain.attributes]
    values = {value for name, value in nasty.attributes if name == "value"}
    assert {texts[9], texts[10], texts[7]} <= values
    for text in (texts[0], texts[1], texts[3], texts[4], texts[6], texts[11]):
        assert text in nasty.text


def test_no_text_becomes_markup() -> None:
    _no_text_becomes_markup()
    print(dict(REACHED))
    assert REACHED["with markup"] > 0.5 * REACHED["all"]


def _shown(texts: list[str]) -> str:
    option = {"value": texts[7], "label": texts[4]}
    definition = FormDefinition.model_validate(
        {
            "title": texts[0],
            "description": texts[1],
            "policy_url": "https://shop.example/?a=1&b=" + quote(texts[2]),
            "submit_label": texts[11],
            "fields": [
                {"name": "a", "kind": "text", "label": texts[3], "help": texts[2], "trait": "a"},
                {"name": "b", "kind": "choice", "label": texts[5], "options": [option], "trait": "b"},
                {"name": "c", "kind": "long_text", "label": "c", "trait": "c"},
            ],
            "consents": [
                {"name": "d", "text": texts[6], "text_version": "1", "channel": "sms", "purpose": "marketing"}
            ],
        }
    )
    typed = {"a": [texts[9]], "c": [texts[8]]}
    faults = {"a": Fault("too_long", 1)}
    return page.asking(definition, "en", Filled([("_code", texts[10])], typed, faults))
