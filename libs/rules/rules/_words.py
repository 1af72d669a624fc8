"""Saying a rule in English and Chinese."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rules._values import Scalar, Value

SHOWN = 5  # values of a list that are spelled out


@dataclass(frozen=True, slots=True)
class Words:
    en: str
    zh: str

    def about(self, **parts: "Words") -> "Words":
        """Fill `{name}` in each language with the part of that name."""
        return Words(
            self.en.format(**{name: part.en for name, part in parts.items()}),
            self.zh.format(**{name: part.zh for name, part in parts.items()}),
        )


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that follow "People" and precede "的人"; `joint` names the connective they are built with."""

    words: Words
    joint: Literal["and", "or"] | None = None


_JOINTS = {"and": Words(" and ", "，且"), "or": Words(" or ", "，或")}


def join(clauses: Sequence[Clause], joint: Literal["and", "or"]) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    parts = [
        c.words if c.joint in (None, joint) else Words(f"({c.words.en})", f"（{c.words.zh}）")
        for c in clauses
    ]
    between = _JOINTS[joint]
    return Clause(Words(between.en.join(p.en for p in parts), between.zh.join(p.zh for p in parts)), joint)


def same(text: str) -> Words:
    return Words(text, text)


def name(text: str) -> Words:
    return same(f"“{text}”")


def listing(texts: Sequence[str]) -> Words:
    """One or another of these."""
    return Words(" or ".join(f"“{text}”" for text in texts), "或".join(f"“{text}”" for text in texts))


def literal(value: Value) -> Words:
    if isinstance(value, Scalar):
        return _scalar(value)
    parts = [_scalar(each) for each in value[:SHOWN]]
    more = len(value) - len(parts)
    return Words(
        "[" + ", ".join([p.en for p in parts] + ([f"{more} more"] if more else [])) + "]",
        "[" + "、".join([p.zh.strip() for p in parts] + ([f"另外 {more} 个"] if more else [])) + "]",
    )


def _scalar(value: Scalar) -> Words:
    if isinstance(value.raw, bool):
        return Words("true", "“是”") if value.raw else Words("false", "“否”")
    return name(value.raw) if isinstance(value.raw, str) else Words(f"{value.raw}", f" {value.raw}")
