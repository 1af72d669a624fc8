"""What a node is. Each kind lives in `rules/nodes/` and is found there by its key."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeAlias

from rules._facts import Facts
from rules._logic import Truth
from rules._needs import Cost, Need, cost_of_need
from rules._reading import Place
from rules._schema import Fault, Schema
from rules._words import Clause, Words

Test: TypeAlias = Callable[[Facts], Truth]


class Rule(ABC):
    """One node. Subclasses are frozen dataclasses with slots; make them with `parse`, which checks them.

    `SCHEMA` holds JSON Schemas of the members by key, `LABEL` names the kind to who writes rules.
    """

    __slots__ = ()
    KEY: ClassVar[str]
    SCHEMA: ClassVar[dict[str, Any]]
    LABEL: ClassVar[Words]

    @classmethod
    @abstractmethod
    def read(cls, place: Place, data: dict[str, object], child: "ReadChild") -> "Rule | None":
        """The node, or None after recording at least one problem."""

    @abstractmethod
    def render(self) -> dict[str, Any]:
        """JSON that parses to an equal node."""

    @abstractmethod
    def compile(self) -> Test:
        """Never raises, whatever the facts hold."""

    @abstractmethod
    def say(self, denied: bool) -> Clause:
        """The node, or its exact opposite, in words."""

    @abstractmethod
    def explain(self, facts: Facts) -> dict[str, Any]:
        """Begins with `verdict`; then the parts, or the value used."""

    def children(self) -> "tuple[Rule, ...]":
        return ()

    def needs(self) -> tuple[Need, ...]:
        """The facts that can change this node's own answer, its children's apart."""
        return ()

    def faults(self, schema: Schema) -> Iterable[Fault]:
        """What a schema has against this node itself, unknown names of its needs apart."""
        return ()

    def normal(self) -> "Rule":
        """A rule with the same answer, unknown included, in the one form that all such rules of this kind share."""
        return self

    def denial(self) -> "Rule | None":
        """The node that answers the exact opposite, unknown included, if the language has one."""
        return None

    def verdict(self, truth: Truth) -> dict[str, Any]:
        return {"kind": self.KEY, "result": truth is True, "known": truth is not None}

    def leaf(self, facts: Facts, value: object) -> dict[str, Any]:
        """The explanation of a leaf, with the value that was used."""
        words = self.say(denied=False).words
        verdict = self.verdict(self.compile()(facts))
        return verdict | {"rule": self.render(), "en": words.en, "zh": words.zh, "value": value}


ReadChild: TypeAlias = Callable[[Place, object], Rule | None]


def truth_of(explained: dict[str, Any]) -> Truth:
    return bool(explained["result"]) if explained["known"] else None


def all_needs(rule: Rule) -> frozenset[Need]:
    """Of the node and everything below it."""
    return frozenset(rule.needs()).union(*map(all_needs, rule.children()))


def cost_of(rule: Rule) -> Cost:
    """What it takes to answer for one person: the dearest of what the rule looks at."""
    return max(map(cost_of_need, all_needs(rule)), default=Cost.SUMMARY)
