"""A trait that keeps all its values."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from survivorship.stamps import Stamp

MOST_KEPT = 20
"""Values of one trait; older ones fall out."""


class Kept(NamedTuple):
    """The statements that hold of one trait."""

    cut: Stamp | None
    """The newest statement that replaced everything before it; None while there was none."""
    base: Any
    """What that statement said; None for a removal."""
    entries: tuple[tuple[Stamp, Any], ...]
    """What was added since, each value once under its newest stamp, the newest first."""

    @classmethod
    def added(cls, value: Any, stamp: Stamp) -> "Kept":
        """A list adds each of its elements."""
        values = value if isinstance(value, list) else [value]
        return cls(None, None, _newest((stamp, one) for one in values if one is not None))

    def joined(self, other: "Kept") -> "Kept":
        later = other if self.cut is None or (other.cut is not None and other.cut > self.cut) else self
        entries = (e for e in (*self.entries, *other.entries) if later.cut is None or e[0] > later.cut)
        return Kept(later.cut, later.base, _newest(entries))

    @property
    def newest(self) -> Stamp | None:
        return self.entries[0][0] if self.entries else self.cut

    @property
    def value(self) -> Any:
        """What the trait is: a list as soon as something was added."""
        if not self.entries:
            return self.base
        values = [value for _, value in self.entries]
        known = {_spelling(value) for value in values}
        base = self.base if isinstance(self.base, list) else [] if self.base is None else [self.base]
        return (values + [value for value in base if _spelling(value) not in known])[:MOST_KEPT]


def _newest(entries: Iterable[tuple[Stamp, Any]]) -> tuple[tuple[Stamp, Any], ...]:
    best: dict[str, tuple[Stamp, str, Any]] = {}
    for stamp, value in entries:
        spelling = _spelling(value)
        if spelling not in best or best[spelling][0] < stamp:
            best[spelling] = (stamp, spelling, value)
    ordered = sorted(best.values(), key=lambda e: e[:2], reverse=True)
    return tuple((stamp, value) for stamp, _, value in ordered[:MOST_KEPT])


def _spelling(value: Any) -> str:
    """Tells values apart that Python takes for the same: 1 and true."""
    return json.dumps(value, sort_keys=True, default=str)
