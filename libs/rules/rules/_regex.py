r"""Regular expressions in linear time: a subset of RE2, as a search for a match anywhere in the text.

Understood: literals, `.` (all but a newline), `[a-z]` and `[^…]`, `\d \D \w \W \s \S` (ASCII, as in RE2), `\t \n \r`,
an escaped sign, `^` and `$` (the ends of the text), `|`, `(…)`, `(?:…)`, and `* + ? {m} {m,} {m,n}` with an optional lazy
`?` that changes nothing here. Refused, as RE2 does: look-around and back references; refused too: flags, named groups,
word boundaries and Unicode classes.

The pattern becomes a nondeterministic automaton, walked with the set of states it can be in; the sets met are kept as a
deterministic automaton that grows as it is used.
"""

from collections.abc import Callable
from functools import lru_cache

from rules._regex_reader import PatternError, Reader, State

__all__ = ["PatternError", "compile_pattern"]

_MAX_MEMORY = 5_000

States = frozenset[int]


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Test: does the pattern match somewhere in this text? Raises `PatternError`."""
    reader = Reader(pattern)
    whole = reader.read()
    return _Search(reader.states, whole.start, whole.end).found


class _Search:
    def __init__(self, states: list[State], start: int, end: int) -> None:
        self._states, self._end = states, end
        self._inside = self._closure({start}, False, False)
        self._first = self._closure({start}, True, False)
        self._memory: dict[tuple[States, str], States] = {}
        self._start = start

    def found(self, text: str) -> bool:
        if not text:
            return self._end in self._closure({self._start}, True, True)
        here = self._first
        for char in text:
            if self._end in here:
                return True
            here = self._step(here, char)
        return self._end in here or self._end in self._closure(set(here), False, True)

    def _step(self, here: States, char: str) -> States:
        known = self._memory.get((here, char))
        if known is None:
            reached: set[int] = set()
            for index in here:
                state = self._states[index]
                if state.reads is not None and state.reads(char):
                    reached.update(state.after)
            known = self._closure(reached, False, False) | self._inside
            if len(self._memory) >= _MAX_MEMORY:
                self._memory.clear()
            self._memory[here, char] = known
        return known

    def _closure(self, states: set[int], at_start: bool, at_end: bool) -> States:
        """Whatever is reached from these states without reading."""
        reached, waiting = set(states), list(states)
        while waiting:
            state = self._states[waiting.pop()]
            barred = (state.at_start and not at_start) or (state.at_end and not at_end)
            if state.reads is None and not barred:
                fresh = [index for index in state.after if index not in reached]
                reached.update(fresh)
                waiting += fresh
        return frozenset(reached)
