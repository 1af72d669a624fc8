"""Traits of one identity, or of a person as the fold over identities."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from survivorship.kept import Kept
from survivorship.stamps import Stamp

_new = tuple.__new__


@dataclass(slots=True)
class Traits:
    values: dict[str, Any] = field(default_factory=dict)
    stamps: dict[str, Stamp] = field(default_factory=dict)
    """Of the statement that holds. A removed trait keeps its stamp, so that an older statement does not bring it back."""
    kept: dict[str, Kept] = field(default_factory=dict)
    """Only of traits to which values were added."""

    def copy(self) -> "Traits":
        return Traits(dict(self.values), dict(self.stamps), dict(self.kept))

    def take(self, values: Mapping[str, Any], stamp: Stamp, keep_all: Collection[str] = ()) -> frozenset[str]:
        """Takes one statement in; the names of the traits that it touched. None removes a trait. Traits in `keep_all`
        keep their other values."""
        if not self.stamps and not keep_all:
            # All that is known of most people is what one record says.
            self.stamps.update(dict.fromkeys(values, stamp))
            self.values.update((name, value) for name, value in values.items() if value is not None)
            return frozenset(values)
        stamps, kept, said = self.stamps, self.kept, []
        for name, value in values.items():
            if name in kept or name in keep_all:
                if self._said(name, value, stamp, name in keep_all):
                    said.append(name)
                continue
            # As in _said, written out: every trait of every record comes here.
            known = stamps.get(name)
            if known is None or known < stamp:
                self._set(name, value, stamp)
                said.append(name)
        return frozenset(said)

    def absorb(self, other: "Traits") -> None:
        """Takes in what is known under another identity."""
        for name, stamp in other.stamps.items():
            if name in self.kept or name in other.kept:
                self._join(name, other._kept(name))
            else:
                self._said(name, other.values.get(name), stamp, False)

    def _said(self, name: str, value: Any, stamp: Stamp, keeps_all: bool) -> bool:
        adds = keeps_all and value is not None
        if adds or name in self.kept:
            return self._join(name, Kept.added(value, stamp) if adds else Kept(stamp, value, ()))
        known = self.stamps.get(name)
        if known is not None and known >= stamp:
            return False
        self._set(name, value, stamp)
        return True

    def _kept(self, name: str) -> Kept:
        return self.kept.get(name) or Kept(self.stamps.get(name), self.values.get(name), ())

    def _join(self, name: str, other: Kept) -> bool:
        before = self._kept(name)
        after = before.joined(other)
        newest = after.newest
        if after == before or newest is None:
            return False
        if after.entries:
            self.kept[name] = after
        else:
            self.kept.pop(name, None)
        self._set(name, after.value, newest)
        return True

    def _set(self, name: str, value: Any, stamp: Stamp) -> None:
        self.stamps[name] = stamp
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value


def fold(identities: Iterable[Traits]) -> Traits:
    """The traits of the person that these identities are."""
    person = Traits()
    for traits in identities:
        person.absorb(traits)
    return person


def encode(traits: Traits, *, plain: bool = True) -> dict[str, list[Any]]:
    """Stamps as JSON values, beside `traits.values`: [ms, record, rank, source], and of a trait that keeps all
    its values the stamps of what was added and of what that was added to. Without `plain` only those that [ms, record]
    would not tell."""
    times: dict[str, list[Any]] = {}
    for name, stamp in traits.stamps.items():
        kept = traits.kept.get(name)
        if plain or kept or stamp.rank:
            times[name] = _written(stamp)
        if kept:
            times[name] += [
                [_written(added) for added, _ in kept.entries],
                kept.cut and _written(kept.cut),
            ]
    return times


def decode(values: Mapping[str, Any], times: Mapping[str, Sequence[Any]]) -> Traits:
    """What `encode` wrote. Stamps of [ms, record] alone are those of a source that nothing was said about."""
    traits = Traits(dict(values))
    for name, written in times.items():
        traits.stamps[name] = _stamp(written)
        if len(written) > 4:
            added, cut = written[4:]
            shown = traits.values.get(name, [])
            entries = tuple((_stamp(at), value) for at, value in zip(added, shown, strict=False))
            traits.kept[name] = Kept(cut and _stamp(cut), shown[len(added) :] or None, entries)
    return traits


def _written(stamp: Stamp) -> list[Any]:
    return [stamp.ms, stamp.record, stamp.rank, stamp.source]


def _stamp(written: Sequence[Any]) -> Stamp:
    # Made for every trait that is read: this takes half as long as calling the class.
    if len(written) == 2:
        return _new(Stamp, (0, written[0], written[1], ""))
    return _new(Stamp, (written[2], written[0], written[1], written[3]))
