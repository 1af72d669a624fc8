"""What a predicate is: a test of the properties of one event, or of one object inside them. Each kind lives in
`rules/predicates/` and is found there by its key."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeAlias

from rules._needs import Need
from rules._operator import Bind
from rules._reading import Place
from rules._schema import Fault, Properties
from rules._words import Clause, Words


class Predicate(ABC):
    """Subclasses are frozen dataclasses with slots; make them with `parse_predicates`, which checks them; `LABEL`
    names the kind to who writes rules."""

    __slots__ = ()
    KEY: ClassVar[str]
    SCHEMA: ClassVar[dict[str, Any]]
    LABEL: ClassVar[Words]

    @classmethod
    @abstractmethod
    def read(cls, place: Place, data: dict[str, object], child: "ReadPredicate") -> "Predicate | None":
        """The predicate, or None after recording at least one problem."""

    @abstractmethod
    def render(self) -> dict[str, Any]: ...

    @abstractmethod
    def bind(self) -> Bind:
        """The test of properties, for one person at one moment."""

    @abstractmethod
    def say(self, denied: bool) -> Clause: ...

    @abstractmethod
    def needs(self) -> tuple[Need, ...]:
        """What it looks at beside the properties."""

    @abstractmethod
    def faults(self, properties: Properties, owner: str) -> Iterable[Fault]:
        """What is wrong with it for properties of these types; `owner` says whose they are."""


ReadPredicate: TypeAlias = Callable[[Place, object], Predicate | None]
