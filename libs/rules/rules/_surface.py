"""What can be asked of a rule once it is read."""

from collections.abc import Callable
from typing import Any

from rules._facts import Facts
from rules._needs import FactKind, Need
from rules._rule import Rule, all_needs
from rules.nodes import NODES
from rules.operators import OPERATORS
from rules.predicates import PREDICATES
from rules.references import REFERENCES


def render(rule: Rule) -> dict[str, Any]:
    """JSON of the rule; `parse(render(rule)) == rule`."""
    return rule.render()


def compile_rule(rule: Rule) -> Callable[[Facts], bool]:
    """A test to be kept and asked about many people."""
    test = rule.compile()
    return lambda facts: test(facts) is True


def evaluate(rule: Rule, facts: Facts) -> bool:
    """Does the rule select this person? Never raises. For many people, `compile_rule` once."""
    return compile_rule(rule)(facts)


def normalise(rule: Rule) -> Rule:
    """The same answer for everybody, unknown included, with groups flattened, repeats and constants gone and parts in
    one order, the cheap ones first. Two rules that differ in such things only become equal. Idempotent."""
    return rule.normal()


def needs(rule: Rule) -> frozenset[Need]:
    """The facts that can change the answer: a fact that is not among them never does."""
    return all_needs(rule)


def kinds_of(rule: Rule) -> frozenset[FactKind]:
    """The kinds of facts that can change the answer."""
    return frozenset(need.kind for need in needs(rule))


def events_of(rule: Rule) -> frozenset[str]:
    """The events of which a new one can change the answer."""
    kinds = (FactKind.EVENTS, FactKind.EVENT_STATES)
    return frozenset(need.name for need in needs(rule) if need.kind in kinds)


def traits_of(rule: Rule) -> frozenset[str]:
    """The traits whose value, or change of value, can change the answer."""
    kinds = (FactKind.TRAITS, FactKind.TRAIT_CHANGES)
    return frozenset(need.name for need in needs(rule) if need.kind in kinds)


def describe(rule: Rule) -> dict[str, str]:
    """One sentence in English and one in Chinese."""
    words = rule.say(denied=False).words
    return {"en": f"People {words.en}.", "zh": f"{words.zh}的人。"}


def explain(rule: Rule, facts: Facts) -> dict[str, Any]:
    """The tree with, at each node, `result` (unknown counts as false) and `known`; at each leaf the `value` used."""
    return rule.explain(facts)


def language() -> dict[str, Any]:
    """The whole language for who builds an editor: per kind of node, predicate, reference and operator the JSON
    Schemas of its members and its words, `{value}` in them standing for the value."""
    return {
        "nodes": {
            key: {"properties": node.SCHEMA, "en": node.LABEL.en, "zh": node.LABEL.zh}
            for key, node in NODES.items()
        },
        "predicates": {
            key: {"properties": kind.SCHEMA, "en": kind.LABEL.en, "zh": kind.LABEL.zh}
            for key, kind in PREDICATES.items()
        },
        "references": {
            key: {"properties": {key: each.SCHEMA}, "en": each.LABEL.en, "zh": each.LABEL.zh}
            for key, each in REFERENCES.items()
        },
        "operators": {
            name: {
                "value": each.operand.schema if each.operand.is_given else None,
                "refers": each.operand.refers,
                "reads": sorted(each.reads),
                "en": each.words.en,
                "zh": each.words.zh,
            }
            for name, each in OPERATORS.items()
        },
    }
