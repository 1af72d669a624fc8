"""Reading a definition: every problem is collected with a JSON pointer, a stable reason and a cure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import rules

from journey_service.domain.durations import parse_duration


@dataclass(frozen=True, slots=True)
class Problem:
    pointer: str
    reason: str
    detail: str


class DefinitionError(Exception):
    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{p.pointer or '/'}: {p.detail}" for p in self.problems))


class Reader:
    """One JSON object of a definition. Getters answer a harmless default after noting a problem."""

    def __init__(self, value: object, pointer: str, problems: list[Problem]) -> None:
        self.pointer = pointer
        self._problems = problems
        self._read: set[str] = set()
        if isinstance(value, Mapping):
            self.data: Mapping[str, Any] = value
        else:
            self.data = {}
            self.note("", "not_an_object", "expected an object")

    def note(self, key: str, reason: str, detail: str) -> None:
        escaped = key.replace("~", "~0").replace("/", "~1")
        self._problems.append(Problem(f"{self.pointer}/{escaped}" if key else self.pointer, reason, detail))

    def get(self, key: str, default: Any = None) -> Any:
        self._read.add(key)
        return self.data.get(key, default)

    def text(self, key: str, default: str | None = None, *, longest: int = 200) -> str:
        value = self.get(key, default)
        if not isinstance(value, str) or not value or len(value) > longest:
            self.note(
                key,
                "missing" if value is None else "bad_value",
                f"expected text of 1 to {longest} characters",
            )
            return default or ""
        return value

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        value = self.get(key, default)
        if value not in options:
            self.note(key, "bad_value", f"expected one of {', '.join(options)}")
            return options[0]
        return str(value)

    def duration(self, key: str, default: str | None = None) -> timedelta:
        length = parse_duration(self.get(key, default))
        if length is None:
            self.note(key, "bad_value", "expected a length of time such as 45m, 12h or 30d, at most a year")
            return timedelta(hours=1)
        return length

    def child(self, key: str, default: object = None) -> "Reader":
        value = self.get(key, {} if default is None else default)
        return Reader(value, f"{self.pointer}/{key.replace('~', '~0').replace('/', '~1')}", self._problems)

    def children(self, key: str) -> list["Reader"]:
        value = self.get(key, [])
        if not isinstance(value, list):
            self.note(key, "not_a_list", "expected a list")
            return []
        return [Reader(item, f"{self.pointer}/{key}/{n}", self._problems) for n, item in enumerate(value)]

    def predicates(self, key: str) -> tuple[rules.Predicate, ...]:
        value = self.get(key, [])
        try:
            return tuple(rules.parse_predicates(value))
        except rules.RuleError as error:
            for problem in error.errors:
                pointer = f"{self.pointer}/{key}{problem.pointer}"
                self._problems.append(Problem(pointer, str(problem.reason), problem.detail))
            return ()

    def rule(self, key: str) -> rules.Rule | None:
        value = self.get(key)
        if value is None:
            return None
        try:
            # Segment answers it, and refuses what looks at more than it loads: at every event, for ever.
            return rules.parse(value, loads=rules.LOADED)
        except rules.RuleError as error:
            for problem in error.errors:
                pointer = f"{self.pointer}/{key}{problem.pointer}"
                self._problems.append(Problem(pointer, str(problem.reason), problem.detail))
            return None

    def done(self) -> None:
        """Notes every key that nobody read: nothing that is written is ignored."""
        for key in sorted(self.data.keys() - self._read):
            self.note(key, "unknown_key", f"unknown key; known here: {', '.join(sorted(self._read))}")
