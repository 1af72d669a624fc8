"""Reading untrusted JSON: where we are, what is wrong there, and how far we go."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from rules._folding import fold

MAX_DEPTH = 20
MAX_NODES = 500
MAX_VALUES = 10_000
MAX_PROBLEMS = 1_000


class Reason(StrEnum):
    NOT_AN_OBJECT = "not_an_object"
    NOT_A_LIST = "not_a_list"
    UNKNOWN_NODE = "unknown_node"
    AMBIGUOUS_NODE = "ambiguous_node"
    MISPLACED_NODE = "misplaced_node"
    UNSUPPORTED_NODE = "unsupported_node"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    UNEXPECTED_KEY = "unexpected_key"
    UNKNOWN_OPERATOR = "unknown_operator"
    UNSUPPORTED_OPERATOR = "unsupported_operator"
    BAD_VALUE = "bad_value"
    EMPTY_LIST = "empty_list"
    UNKNOWN_NAME = "unknown_name"
    WRONG_TYPE = "wrong_type"
    TOO_DEEP = "too_deep"
    TOO_MANY_NODES = "too_many_nodes"
    TOO_MANY_VALUES = "too_many_values"


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One fault: a JSON pointer to it, a stable reason, and a sentence saying what was expected."""

    pointer: str
    reason: Reason
    detail: str


class RuleError(ValueError):
    """The rule cannot be understood."""

    def __init__(self, errors: list[RuleProblem]) -> None:
        super().__init__("; ".join(f"{e.pointer or '/'}: {e.reason}: {e.detail}" for e in errors[:10]))
        self.errors = errors


@dataclass(slots=True)
class Book:
    """Problems and nodes met while reading one rule; problems past the thousandth are dropped."""

    problems: list[RuleProblem] = field(default_factory=list)
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the JSON being read."""

    book: Book
    pointer: str = ""
    depth: int = 0

    def at(self, *steps: str | int) -> "Place":
        """A member or element of this node."""
        path = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
        encodable = path.encode(errors="replace").decode()  # a key may hold a lone surrogate
        return Place(self.book, self.pointer + encodable, self.depth)

    def child(self) -> "Place":
        """The same position, one node deeper."""
        return Place(self.book, self.pointer, self.depth + 1)

    def refuse(self, reason: Reason, detail: str) -> None:
        if len(self.book.problems) < MAX_PROBLEMS:
            self.book.problems.append(RuleProblem(self.pointer, reason, detail))

    def check_keys(self, data: dict[str, object], known: Iterable[str]) -> None:
        """Refuse every key that is not known, so that nothing is ever ignored."""
        known = sorted(known)
        for key in data:
            if key not in known:
                self.at(key).refuse(Reason.UNKNOWN_KEY, f"expected only {listed(known)}{guess(key, known)}")


def read_name(place: Place, data: object, expected: str) -> str | None:
    """A name, folded, or None after refusing."""
    if isinstance(data, str) and data and is_clean(data):
        return str(fold(data))
    place.refuse(Reason.BAD_VALUE, f"expected {expected}")
    return None


def read_names(place: Place, data: object, expected: str) -> tuple[str, ...] | None:
    """A list of at least one name; None after refusing."""
    if not isinstance(data, list):
        place.refuse(Reason.NOT_A_LIST, f"expected a list: {expected}")
        return None
    if not data:
        place.refuse(Reason.EMPTY_LIST, "expected at least one; an empty list would select nobody")
        return None
    read = [read_name(place.at(index), each, expected) for index, each in enumerate(data)]
    names = tuple(name for name in read if name is not None)
    return names if len(names) == len(read) else None


def is_clean(text: str) -> bool:
    """Without NUL and lone surrogates, which neither UTF-8 nor a database can hold."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text))


def listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def guess(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1) if len(word) <= 40 else []
    return f'; did you mean "{close[0]}"?' if close else ""
