"""`{"all": […]}`, `{"any": […]}` and `{"not": …}` over the properties of one event."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._logic import conjunction, disjunction, negate
from rules._needs import Need
from rules._operator import Bind, ValueTest
from rules._predicate import Predicate, ReadPredicate
from rules._reading import Place
from rules._schema import Fault, Properties, prefixed
from rules._where import Where, read_where
from rules._words import Clause, Words


@dataclass(frozen=True, slots=True)
class AllOf(Predicate):
    KEY: ClassVar[str] = "all"
    SCHEMA: ClassVar[dict[str, Any]] = {"all": {"type": "array", "minItems": 1}}
    LABEL: ClassVar[Words] = Words("all of", "满足全部")
    where: Where

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadPredicate) -> "AllOf | None":
        place.check_keys(data, {cls.KEY})
        where = read_where(place.at(cls.KEY), data[cls.KEY], child)
        return None if where is None else cls(where)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.where.render()}

    def bind(self) -> Bind:
        return self.where.bind(conjunction)

    def say(self, denied: bool) -> Clause:
        return self.where.say("and", denied)

    def needs(self) -> tuple[Need, ...]:
        return self.where.needs(self.KEY)

    def faults(self, properties: Properties, owner: str) -> Iterable[Fault]:
        return self.where.faults(properties, owner, self.KEY)


@dataclass(frozen=True, slots=True)
class AnyOf(Predicate):
    KEY: ClassVar[str] = "any"
    SCHEMA: ClassVar[dict[str, Any]] = {"any": {"type": "array", "minItems": 1}}
    LABEL: ClassVar[Words] = Words("any of", "满足任一")
    where: Where

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadPredicate) -> "AnyOf | None":
        place.check_keys(data, {cls.KEY})
        where = read_where(place.at(cls.KEY), data[cls.KEY], child)
        return None if where is None else cls(where)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.where.render()}

    def bind(self) -> Bind:
        return self.where.bind(disjunction)

    def say(self, denied: bool) -> Clause:
        return self.where.say("or", denied)

    def needs(self) -> tuple[Need, ...]:
        return self.where.needs(self.KEY)

    def faults(self, properties: Properties, owner: str) -> Iterable[Fault]:
        return self.where.faults(properties, owner, self.KEY)


@dataclass(frozen=True, slots=True)
class Not(Predicate):
    KEY: ClassVar[str] = "not"
    SCHEMA: ClassVar[dict[str, Any]] = {"not": {"type": "object"}}
    LABEL: ClassVar[Words] = Words("not", "不满足")
    predicate: Predicate

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadPredicate) -> "Not | None":
        place.check_keys(data, {cls.KEY})
        predicate = child(place.at(cls.KEY), data[cls.KEY])
        return None if predicate is None else cls(predicate)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.predicate.render()}

    def bind(self) -> Bind:
        bind = self.predicate.bind()

        def run(facts: Facts) -> ValueTest:
            test = bind(facts)
            return lambda data: negate(test(data))

        return run

    def say(self, denied: bool) -> Clause:
        return self.predicate.say(not denied)

    def needs(self) -> tuple[Need, ...]:
        return tuple(need.under(self.KEY) for need in self.predicate.needs())

    def faults(self, properties: Properties, owner: str) -> Iterable[Fault]:
        return prefixed(self.predicate.faults(properties, owner), self.KEY)


PREDICATES = (AllOf, AnyOf, Not)
