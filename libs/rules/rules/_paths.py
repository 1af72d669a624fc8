"""Paths into JSON: `shop.city` is the member `city` of the object `shop`; `products[].price` is the price of some
element of the list `products`."""

from collections.abc import Mapping
from dataclasses import dataclass

from rules._folding import fold
from rules._logic import Truth, any_true
from rules._operator import ValueTest
from rules._reading import Place, Reason, is_clean

_ELEMENT = "[]"
_EXPECTED = 'expected a dotted path such as "total", "shop.city" or "products[].price"'


@dataclass(frozen=True, slots=True)
class Path:
    text: str
    steps: tuple[str, ...]
    """Names of members, and `[]` for "some element"."""

    @property
    def is_many(self) -> bool:
        return _ELEMENT in self.steps

    def find(self, data: object) -> list[object]:
        """Everything that is there at the path: at most one value without `[]`. Null is not there."""
        found = [data]
        for step in self.steps:
            if step == _ELEMENT:
                found = [each for value in found if isinstance(value, list | tuple) for each in value]
            else:
                found = [value.get(step) for value in found if isinstance(value, Mapping)]
        return [each for each in found if each is not None]

    def reading(self, test: ValueTest, missing: Truth) -> ValueTest:
        """The test of what stands at the path in the data: of the value, or of some of the values; `missing` if there
        is none."""
        if self.is_many:

            def of_some(data: object) -> Truth:
                found = self.find(data)
                return any_true(map(test, found)) if found else missing

            return of_some
        steps = self.steps

        def of_one(data: object) -> Truth:
            value = data
            for step in steps:
                if not isinstance(value, Mapping):
                    return missing
                value = value.get(step)
            return missing if value is None else test(value)

        return of_one


def read_path(place: Place, data: object) -> Path | None:
    """The path, or None after refusing."""
    text = str(fold(data)) if isinstance(data, str) and is_clean(data) else ""
    steps = _steps(text)
    if not steps:
        place.refuse(Reason.BAD_VALUE, _EXPECTED)
        return None
    return Path(text, steps)


def _steps(text: str) -> tuple[str, ...] | None:
    """Every part names a member, but the first may be the list itself (`[].age`); `[]` stands at the end of a part."""
    steps: list[str] = []
    for index, part in enumerate(text.split(".")):
        name = part.replace(_ELEMENT, "")
        elements = (len(part) - len(name)) // 2
        if part != name + _ELEMENT * elements or not (name or (index == 0 and elements)):
            return None
        steps += [name] * bool(name) + [_ELEMENT] * elements
    return tuple(steps)
