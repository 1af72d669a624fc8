"""`near`: within so many kilometres of a place, along the great circle; the edge is inside.

The data is an object with `lat` and `lng` (or `latitude` and `longitude`) in degrees; anything else is unknown.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rules import _types as types
from rules._bounds import finite
from rules._logic import Truth
from rules._operands import Operand
from rules._operator import Operator, ValueTest
from rules._reading import Place, Reason
from rules._words import Words

_EARTH_KM = 6_371.0088  # mean radius, IUGG
_LONGEST_KM = 20_100
_LIMITS = {"lat": (-90, 90), "lng": (-180, 180), "km": (0, _LONGEST_KM)}
_CIRCLE = Words("{km} km of ({lat}, {lng})", "（{lat}, {lng}）周围 {km} 公里内")


@dataclass(frozen=True, slots=True)
class Circle:
    lat: float
    lng: float
    km: float

    def render(self) -> dict[str, float]:
        return {"lat": self.lat, "lng": self.lng, "km": self.km}

    def say(self) -> Words:
        return _CIRCLE.about(**{key: Words(str(n), str(n)) for key, n in self.render().items()})


def _read(place: Place, data: object) -> Circle | None:
    if not isinstance(data, dict) or set(data) != set(_LIMITS):
        place.refuse(Reason.BAD_VALUE, 'expected {"lat": degrees, "lng": degrees, "km": kilometres}')
        return None
    numbers: dict[str, float] = {}
    for key, (low, high) in _LIMITS.items():
        number = finite(data[key])
        if number is None or not low <= number <= high:
            place.at(key).refuse(Reason.BAD_VALUE, f"expected a number from {low} to {high}")
        else:
            numbers[key] = number
    return Circle(**numbers) if len(numbers) == len(_LIMITS) else None


def _degrees(data: Mapping[object, object], names: tuple[str, str], limit: int) -> float | None:
    number = next((n for name in names if (n := finite(data.get(name))) is not None), None)
    return None if number is None or abs(number) > limit else float(number)


def _near(circle: Circle) -> ValueTest:
    lat0, lng0 = math.radians(circle.lat), math.radians(circle.lng)

    def run(data: object) -> Truth:
        if not isinstance(data, Mapping):
            return None
        lat, lng = _degrees(data, ("lat", "latitude"), 90), _degrees(data, ("lng", "longitude"), 180)
        if lat is None or lng is None:
            return None
        lat1, lng1 = math.radians(lat), math.radians(lng)
        half = (
            math.sin((lat1 - lat0) / 2) ** 2
            + math.cos(lat0) * math.cos(lat1) * math.sin((lng1 - lng0) / 2) ** 2
        )
        return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half))) <= circle.km

    return run


_CIRCLES: Operand[Circle] = Operand(
    "a circle",
    _read,
    {
        "type": "object",
        "required": list(_LIMITS),
        "additionalProperties": False,
        "properties": {
            key: {"type": "number", "minimum": low, "maximum": high} for key, (low, high) in _LIMITS.items()
        },
    },
    equates=False,
    render=Circle.render,
    say=Circle.say,
)
OPERATORS = (
    Operator(
        "near",
        _CIRCLES,
        _near,
        Words("is within {value}", "在{value}"),
        Words("is a place not within {value}", "为地点且不在{value}"),
        reads=types.PLACES,
    ),
)
