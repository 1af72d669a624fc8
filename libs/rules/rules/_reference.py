"""What a reference is: a value that depends on the person or the moment. Each kind lives in `rules/references/`."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from rules._facts import Facts
from rules._needs import Need
from rules._reading import Place
from rules._words import Words


class Reference(ABC):
    """`{KEY: …}` in the place of a literal. Subclasses are frozen dataclasses with slots; `LABEL` names the kind to who
    writes rules."""

    __slots__ = ()
    KEY: ClassVar[str]
    SCHEMA: ClassVar[dict[str, Any]]
    LABEL: ClassVar[Words]

    @classmethod
    @abstractmethod
    def read(cls, place: Place, data: object) -> "Reference | None":
        """From what stands under the key; None after refusing."""

    @abstractmethod
    def render(self) -> Any:
        """What stands under the key."""

    @abstractmethod
    def resolve(self, facts: Facts) -> object:
        """The value, as JSON; None: missing or not known, and the comparison is unknown."""

    @abstractmethod
    def say(self) -> Words: ...

    @abstractmethod
    def needs(self) -> tuple[Need, ...]:
        """Pointers lead from the reference's object."""
