"""What is typed is read as it is meant, or sent back with the reason."""

import re
from typing import Any

import pytest
from gateway_service.forms.answers import Fault, contact, read
from gateway_service.forms.definition import FormDefinition
from gateway_service.forms.page_words import FAULTS, fault, language_of

OPTIONS = [{"value": value, "label": value.upper()} for value in "abc"]
KINDS: dict[str, dict[str, Any]] = {
    "text": {"min": 2, "max": 5},
    "long_text": {},
    "phone": {},
    "email": {},
    "number": {"min": -1, "max": 10},
    "date": {"min": "2026-01-01", "max": "2026-12-31"},
    "choice": {"options": OPTIONS},
    "choices": {"options": OPTIONS, "min": 1, "max": 2},
    "checkbox": {},
    "hidden": {"default": "d"},
}


def form(**more: Any) -> FormDefinition:
    """One field of each kind, named by it."""
    fields = [
        {"name": kind, "kind": kind, "label": None if kind == "hidden" else kind, "trait": kind, **rest}
        for kind, rest in KINDS.items()
    ]
    return FormDefinition.model_validate({"languages": ["en", "zh"], "title": "T", "fields": fields, **more})


@pytest.mark.parametrize(
    ("kind", "typed", "read_as"),
    [
        ("text", ["  a\t b\0 "], "a b"),
        ("text", ["abcdef"], Fault("too_long", 5)),
        ("text", ["a"], Fault("too_short", 2)),
        ("text", ["\ud800 "], None),
        ("long_text", ["a\r\nb"], "a\nb"),
        ("long_text", ["x" * 2_001], Fault("too_long", 2_000)),
        ("phone", ["139 1234-5678"], "13912345678"),
        ("phone", ["+86 139 1234 5678"], "+8613912345678"),
        ("phone", ["+44 20 7946 0018"], "+442079460018"),
        ("phone", ["12345"], Fault("not_phone")),
        ("phone", ["１３９１２３４５６７８"], Fault("not_phone")),
        ("email", ["ann@shop.example"], "ann@shop.example"),
        ("email", ["ann@shop"], Fault("not_email")),
        ("email", ["a@b.c\nBcc: x@y.z"], Fault("not_email")),
        ("number", ["7"], 7),
        ("number", ["1.5"], 1.5),
        ("number", ["11"], Fault("too_large", 10)),
        ("number", ["-2"], Fault("too_small", -1)),
        ("number", ["nan"], Fault("not_number")),
        ("number", ["1e400"], Fault("not_number")),
        ("date", ["2026-02-28"], "2026-02-28"),
        ("date", ["2026-02-30"], Fault("not_date")),
        ("choice", ["a"], "a"),
        ("choice", ["z"], Fault("not_an_option")),
        ("choices", ["c", "a"], ["a", "c"]),
        ("choices", ["a", "b", "c"], Fault("too_many", 2)),
        ("choices", ["a", "z"], Fault("not_an_option")),
        ("checkbox", ["yes"], True),
        ("checkbox", [""], None),
        ("hidden", [], "d"),
    ],
)
def test_each_kind(kind: str, typed: list[str], read_as: Any) -> None:
    answers, faults = read(form(), {kind: typed})
    if isinstance(read_as, Fault):
        assert faults == {kind: read_as}
    else:
        assert not faults
        assert answers.values.get(kind) == read_as


def test_what_is_required_has_to_be_there() -> None:
    box = {"name": "news", "text": "N", "text_version": "1", "channel": "sms", "purpose": "marketing"}
    fields = [{"name": "a", "kind": "checkbox", "label": "A", "trait": "a", "required": True}]
    asked = form(fields=fields, consents=[{**box, "required": True}, {**box, "name": "more"}])
    assert read(asked, {})[1] == {"a": Fault("required"), "news": Fault("consent_required")}
    answers, faults = read(asked, {"a": ["yes"], "news": ["yes"], "unknown": ["x"]})
    assert (answers.values, [box.name for box in answers.consents], faults) == ({"a": True}, ["news"], {})


def test_a_phone_is_the_same_however_it_is_written() -> None:
    fields = [{"name": "p", "kind": "phone", "label": "P", "trait": "phone", "required": True}]
    asked = form(fields=fields, once_by="p")
    ways = ("13912345678", "+86 139 1234 5678", "8613912345678")
    assert {contact(asked, read(asked, {"p": [way]})[0]) for way in ways} == {"13912345678"}


def test_every_fault_has_words_in_both_languages() -> None:
    for reason in FAULTS:
        english, chinese = (fault(Fault(reason, 7), language) for language in ("en", "zh"))
        assert english.isascii()
        assert re.search("[\u4e00-\u9fff]", chinese)
        assert "{" not in english + chinese
    assert language_of(["en", "zh"], "", "zh-CN,zh;q=0.9") == "zh"
    assert language_of(["en"], "zh", "zh-CN") == "en"
    assert language_of(["zh", "en"], "en", "zh-CN") == "en"
