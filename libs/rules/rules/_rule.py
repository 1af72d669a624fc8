"""What a node is. Each kind lives in `rules/nodes/` and is found there by its key."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

from rules._facts import Facts
from rules._logic import Truth
from rules._reading import Place
from rules._words import Clause

Test: TypeAlias = Callable[[Facts], Truth]


class Rule(ABC):
    """One node. Subclasses are frozen dataclasses with slots; make them with `parse`, which checks them."""

    __slots__ = ()
    KEY: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, place: Place, data: dict[str, object], child: "ReadChild") -> "Rule | None":
        """The node, or None after recording at least one problem."""

    @abstractmethod
    def render(self) -> dict[str, Any]:
        """JSON that parses to an equal node."""

    @abstractmethod
    def compile(self) -> Test: ...

    @abstractmethod
    def say(self, denied: bool) -> Clause:
        """The node, or its exact opposite, in words."""

    @abstractmethod
    def explain(self, facts: Facts) -> dict[str, Any]:
        """Begins with `verdict`; then the parts, or the value used."""

    def children(self) -> "tuple[Rule, ...]":
        return ()

    def events(self) -> frozenset[str]:
        """Events whose state can change this node's own answer."""
        return frozenset()

    def traits(self) -> frozenset[str]:
        return frozenset()

    def verdict(self, truth: Truth) -> dict[str, Any]:
        return {"kind": self.KEY, "result": truth is True, "known": truth is not None}

    def leaf(self, facts: Facts) -> dict[str, Any]:
        """The explanation every leaf begins with."""
        words = self.say(denied=False).words
        return self.verdict(self.compile()(facts)) | {"rule": self.render(), "en": words.en, "zh": words.zh}


ReadChild: TypeAlias = Callable[[Place, object], Rule | None]


def truth_of(explained: dict[str, Any]) -> Truth:
    return bool(explained["result"]) if explained["known"] else None
