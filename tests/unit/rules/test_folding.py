"""Texts are stored and compared in one form."""

import unicodedata
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from profile_service.folding import fold_json
from rules import Facts, evaluate, fold, parse, render

from ._reached import assert_floor, counter
from ._strategies import proven

LOOSE = [
    "e\u0301",
    "\u00e9",
    "\u212b",
    "A\u030a",
    "가",
    "\u1100\u1161",
    "が",
    "か\u3099",
    "n",
    "\n",
    '"',
    "上",
    "≠",
    "=\u0338",
]
texts = st.lists(st.sampled_from(LOOSE), max_size=4).map("".join)
data = st.recursive(
    texts | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts, data, max_size=3)


@proven
@given(texts, texts | st.none())
def test_what_is_stored_compares_as_the_rule_means_it(written: str, other: str | None) -> None:
    meant = unicodedata.normalize("NFD", written) if other is None else other
    rule = parse({"trait": "t", "op": "eq", "value": meant})
    same = unicodedata.normalize("NFC", written) == unicodedata.normalize("NFC", meant)
    assert evaluate(rule, Facts({"t": fold(written)})) == same
    assert parse(render(rule)) == rule
    counter("folding: compared")["cases"] += 1
    counter("folding: compared")["apart in form only"] += same and written != meant


@proven
@given(objects, st.booleans())
def test_encoded_json_is_folded_like_the_value(value: Any, escaped: bool) -> None:
    raw = _escaped(value) if escaped else msgspec.json.encode(value)
    folded = fold_json(raw)
    assert msgspec.json.decode(folded) == fold(value)
    assert fold_json(folded) == folded
    counter("folding: encoded")["cases"] += 1
    counter("folding: encoded")["changed" if folded != raw else "kept"] += 1


def _escaped(value: Any) -> bytes:
    text = msgspec.json.encode(value).decode()
    return "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in text).encode()


def test_money_keeps_its_digits() -> None:
    assert fold_json(b'{"e\\u0301": 19.990, "n": 12345678901234567890}') == (
        '{"é":19.990,"n":12345678901234567890}'.encode()
    )


def test_names_and_paths_of_rules_are_folded() -> None:
    loose = {"event": "Cafe\u0301", "where": [{"property": "cafe\u0301[].x", "op": "eq", "value": "a"}]}
    assert parse(loose) == parse(fold(loose))


def test_the_properties_met_both_forms() -> None:
    assert_floor("folding: compared", **{"apart in form only": 40})
    assert_floor("folding: encoded", changed=60, kept=20)
