"""What can be asked of a rule once it is read."""

from collections.abc import Callable
from typing import Any

from rules._facts import Facts
from rules._rule import Rule


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


def events_of(rule: Rule) -> frozenset[str]:
    """The events whose state can change the answer."""
    return rule.events().union(*map(events_of, rule.children()))


def traits_of(rule: Rule) -> frozenset[str]:
    """The traits whose value can change the answer."""
    return rule.traits().union(*map(traits_of, rule.children()))


def describe(rule: Rule) -> dict[str, str]:
    """One sentence in English and one in Chinese."""
    words = rule.say(denied=False).words
    return {"en": f"People {words.en}.", "zh": f"{words.zh}的人。"}


def explain(rule: Rule, facts: Facts) -> dict[str, Any]:
    """The tree with, at each node, `result` (unknown counts as false) and `known`; at each leaf the `value` used."""
    return rule.explain(facts)
