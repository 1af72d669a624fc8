"""Reading a regular expression into the states of an automaton; `rules._regex` says what is understood."""

from collections.abc import Callable
from dataclasses import dataclass, field

MAX_PATTERN = 500
MAX_STATES = 2_000
MAX_REPEAT = 100
MAX_NESTING = 50

CharTest = Callable[[str], bool]


class PatternError(ValueError):
    """The pattern is not in the subset, or too large."""


@dataclass(slots=True)
class State:
    """Either reads one character (`reads`), or goes on freely; `at_start` and `at_end` only at that end of the text."""

    reads: CharTest | None = None
    after: list[int] = field(default_factory=list)
    at_start: bool = False
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of the automaton: entered at `start`, left at `end`, which goes nowhere yet."""

    start: int
    end: int


class Reader:
    """Reads a pattern by descent and builds its states."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_PATTERN:
            raise PatternError(f"at most {MAX_PATTERN} characters")
        self.states: list[State] = []
        self._pattern, self._at, self._nesting = pattern, 0, 0

    def read(self) -> Piece:
        piece = self._either()
        if self._at < len(self._pattern):
            raise PatternError(f'")" without "(" at character {self._at + 1}')
        return piece

    def _either(self) -> Piece:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        if len(options) == 1:
            return options[0]
        end = self._new(State())
        for option in options:
            self.states[option.end].after.append(end)
        return Piece(self._new(State(after=[option.start for option in options])), end)

    def _sequence(self) -> Piece:
        start = end = self._new(State())
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            piece = self._repeated()
            self.states[end].after.append(piece.start)
            end = piece.end
        return Piece(start, end)

    def _repeated(self) -> Piece:
        begin = self._at
        piece = self._atom()
        after_atom = self._at
        bounds = self._bounds()
        if bounds is None:
            return piece
        finish = self._at
        self._take("?")
        finish = self._at
        if self._bounds() is not None:
            raise PatternError(f"a repetition of a repetition at character {finish + 1}")
        low, high = bounds
        copies = [piece]
        for _ in range((low if high is None else high) - 1):
            copies.append(self._again(begin, after_atom))
        self._at = finish
        return self._chain(copies, low, high)

    def _again(self, begin: int, finish: int) -> Piece:
        """The atom between these positions once more, as states of its own."""
        self._at = begin
        piece = self._atom()
        assert self._at == finish
        return piece

    def _chain(self, copies: list[Piece], low: int, high: int | None) -> Piece:
        start = self._new(State(after=[copies[0].start]))
        end = self._new(State())
        if low == 0:
            self.states[start].after.append(end)
        for n, (piece, following) in enumerate(zip(copies, [*copies[1:], None], strict=True), start=1):
            leave = self.states[piece.end].after
            if following is not None:
                leave.append(following.start)
            elif high is None:
                leave.append(piece.start)
            if n >= low:
                leave.append(end)
        if high == 0:
            self.states[start].after = [end]
        return Piece(start, end)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        if not self._take("{"):
            return None
        low = self._number()
        high: int | None = low
        if self._take(","):
            high = None if self._peek() == "}" else self._number()
        if not self._take("}"):
            raise PatternError(f'expected "}}" at character {self._at + 1}; write \\{{ for the sign itself')
        if high is not None and high < low:
            raise PatternError("a repetition whose high end is below its low end")
        return low, high

    def _number(self) -> int:
        begin = self._at
        while self._peek().isascii() and self._peek().isdigit():
            self._at += 1
        digits = self._pattern[begin : self._at]
        if not digits or len(digits) > 3 or int(digits) > MAX_REPEAT:
            raise PatternError(f"expected a number from 0 to {MAX_REPEAT} at character {begin + 1}")
        return int(digits)

    def _atom(self) -> Piece:
        sign = self._peek()
        self._at += 1
        if sign == "(":
            return self._group()
        if sign in "*+?{":
            raise PatternError(f"nothing to repeat at character {self._at}")
        if sign == "^":
            return self._reading(None, at_start=True)
        if sign == "$":
            return self._reading(None, at_end=True)
        if sign == ".":
            return self._reading(lambda char: char != "\n")
        if sign == "[":
            return self._reading(self._class())
        if sign == "\\":
            return self._reading(self._escape())
        return self._reading(sign.__eq__)

    def _group(self) -> Piece:
        if self._take("?") and not self._take(":"):
            raise PatternError(f"only (…) and (?:…) are groups, at character {self._at}")
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise PatternError(f"at most {MAX_NESTING} groups in each other")
        piece = self._either()
        self._nesting -= 1
        if not self._take(")"):
            raise PatternError('"(" without ")"')
        return piece

    def _reading(self, reads: CharTest | None, at_start: bool = False, at_end: bool = False) -> Piece:
        end = self._new(State())
        return Piece(self._new(State(reads, [end], at_start, at_end)), end)

    def _class(self) -> CharTest:
        denied = self._take("^")
        tests: list[CharTest] = []
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._class_member(tests)
            if low is None:
                continue
            high = low
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                high = self._class_member([]) or ""
                if high < low:
                    raise PatternError(f"a range that ends before it begins, at character {self._at}")
            tests.append(lambda char, low=low, high=high: low <= char <= high)  # type: ignore[misc]
        self._at += 1
        return lambda char: any(test(char) for test in tests) is not denied

    def _class_member(self, tests: list[CharTest]) -> str | None:
        """One character; None when it was a class such as `\\d`, whose test is added."""
        sign = self._peek()
        if not sign:
            raise PatternError('"[" without "]"')
        self._at += 1
        if sign != "\\":
            return sign
        escaped = self._peek()
        test = self._escape()
        if escaped in _CLASSES:
            tests.append(test)
            return None
        return _SIGNS.get(escaped, escaped)

    def _escape(self) -> CharTest:
        sign = self._peek()
        self._at += 1
        if sign in _CLASSES and sign:
            return _CLASSES[sign]
        if sign in _SIGNS and sign:
            return _SIGNS[sign].__eq__
        if not sign or (sign.isascii() and sign.isalnum()):
            raise PatternError(f'"\\{sign}" is not supported, at character {self._at - 1}')
        return sign.__eq__

    def _new(self, state: State) -> int:
        if len(self.states) >= MAX_STATES:
            raise PatternError("too large: shorten it, or repeat less")
        self.states.append(state)
        return len(self.states) - 1

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self._at += 1
        return True


def _is_digit(char: str) -> bool:
    return "0" <= char <= "9"


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _is_space(char: str) -> bool:
    return char in "\t\n\f\r "


_CLASSES: dict[str, CharTest] = {
    "d": _is_digit,
    "D": lambda char: not _is_digit(char),
    "w": _is_word,
    "W": lambda char: not _is_word(char),
    "s": _is_space,
    "S": lambda char: not _is_space(char),
}
_SIGNS = {"t": "\t", "n": "\n", "r": "\r"}
