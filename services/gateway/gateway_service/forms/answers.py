"""What was typed → answers, or what is wrong with each of them. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway_service.forms.definition import MOST_TEXT_CHARS, ConsentBox, FormDefinition, Question

Posted = Mapping[str, Sequence[str]]
"""Name of a field → the values that came under it."""
DEFAULT_MOST = {"text": 200, "long_text": 2_000}
"""Characters, where a field does not say."""
MOST_EMAIL_CHARS = 254
_MOST_NUMBER = Decimal(10) ** 15
_PHONE = re.compile(r"(?:\+?86)?1[3-9]\d{9}|\+[1-9]\d{7,14}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_SEPARATORS = re.compile(r"[\s\-().]")
_ONE_LINE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an answer is not taken: a reason of `page_words.FAULTS`, and the bound that it names."""

    reason: str
    bound: Any = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """Values are text, number, true or a list of texts; what was left empty is missing."""

    values: dict[str, Any] = field(default_factory=dict)
    consents: list[ConsentBox] = field(default_factory=list)
    """Those that were ticked."""


def read(definition: FormDefinition, posted: Posted) -> tuple[Answers, dict[str, Fault]]:
    """The answers, and by name of field or consent what is wrong. What no field asks for is not looked at."""
    answers, faults = Answers(), {}
    for question in definition.fields:
        value = _READERS[question.kind](question, posted.get(question.name, ()))
        if isinstance(value, Fault):
            faults[question.name] = value
        elif value is None:
            if question.required:
                faults[question.name] = Fault("required")
        else:
            answers.values[question.name] = value
    for box in definition.consents:
        if any(posted.get(box.name, ())):
            answers.consents.append(box)
        elif box.required:
            faults[box.name] = Fault("consent_required")
    return answers, faults


def contact(definition: FormDefinition, answers: Answers) -> str:
    """Who answers, by the form's `once_by`, however it was written; empty where the form does not ask."""
    if definition.once_by is None:
        return ""
    kind = next(q.kind for q in definition.fields if q.name == definition.once_by)
    text = str(answers.values[definition.once_by])
    if kind == "phone":
        digits = _SEPARATORS.sub("", text).removeprefix("+")
        return digits.removeprefix("86") if len(digits) == 13 else digits
    return text.casefold()


def clean(text: str) -> str:
    """Without what no store takes: U+0000, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode().strip()


def _first(values: Sequence[str]) -> str:
    return clean(values[0]) if values else ""


def _text(question: Question, values: Sequence[str]) -> str | Fault | None:
    text = _first(values).replace("\r\n", "\n")
    if question.kind == "text":
        text = _ONE_LINE.sub(" ", text)
    if not text:
        return None
    most = min(int(question.max or DEFAULT_MOST[question.kind]), MOST_TEXT_CHARS)  # type: ignore[arg-type]
    if len(text) > most:
        return Fault("too_long", most)
    if question.min is not None and len(text) < question.min:  # type: ignore[operator]
        return Fault("too_short", _plain(question.min))
    return text


def _phone(_: Question, values: Sequence[str]) -> str | Fault | None:
    text = _first(values)
    if not text:
        return None
    digits = _SEPARATORS.sub("", text)
    return digits if _PHONE.fullmatch(digits) and digits.isascii() else Fault("not_phone")


def _email(_: Question, values: Sequence[str]) -> str | Fault | None:
    text = _first(values)
    if not text:
        return None
    return text if len(text) <= MOST_EMAIL_CHARS and _EMAIL.fullmatch(text) else Fault("not_email")


def _number(question: Question, values: Sequence[str]) -> int | float | Fault | None:
    text = _first(values)
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Fault("not_number")
    if not number.is_finite() or abs(number) > _MOST_NUMBER:
        return Fault("not_number")
    if question.min is not None and number < question.min:  # type: ignore[operator]
        return Fault("too_small", _plain(question.min))
    if question.max is not None and number > question.max:  # type: ignore[operator]
        return Fault("too_large", _plain(question.max))
    return int(number) if number == number.to_integral_value() else float(number)


def _date(question: Question, values: Sequence[str]) -> str | Fault | None:
    text = _first(values)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return Fault("not_date")
    if question.min is not None and day < question.min:  # type: ignore[operator]
        return Fault("too_early", question.min)
    if question.max is not None and day > question.max:  # type: ignore[operator]
        return Fault("too_late", question.max)
    return day.isoformat()


def _choice(question: Question, values: Sequence[str]) -> str | Fault | None:
    text = _first(values)
    if not text:
        return None
    return text if any(option.value == text for option in question.options) else Fault("not_an_option")


def _choices(question: Question, values: Sequence[str]) -> list[str] | Fault | None:
    chosen = set(values) - {""}
    if not chosen:
        return None
    found = [option.value for option in question.options if option.value in chosen]
    if len(found) < len(chosen):
        return Fault("not_an_option")
    if question.min is not None and len(found) < question.min:  # type: ignore[operator]
        return Fault("too_few", _plain(question.min))
    if question.max is not None and len(found) > question.max:  # type: ignore[operator]
        return Fault("too_many", _plain(question.max))
    return found


def _checkbox(_: Question, values: Sequence[str]) -> bool | None:
    return True if any(values) else None


def _hidden(question: Question, values: Sequence[str]) -> str | None:
    return (_first(values) or question.default)[:500] or None


def _plain(bound: Any) -> Any:
    """A whole number without its point."""
    return int(bound) if bound == int(bound) else bound


_READERS: Mapping[str, Callable[[Question, Sequence[str]], Any]] = {
    "text": _text,
    "long_text": _text,
    "phone": _phone,
    "email": _email,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "checkbox": _checkbox,
    "hidden": _hidden,
}
