"""`{"account": {"any": rule}}`, `{"all": rule}` or `{"none": rule}`: of the people of the person's account (company,
household), the person among them, somebody, everybody or nobody satisfies the rule."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._logic import Truth, all_true, any_true, negate
from rules._needs import FactKind, Need
from rules._reading import Place, Reason, listed
from rules._rule import ReadChild, Rule, Test
from rules._words import Clause, Words

_QUANTIFIERS: dict[str, tuple[Callable[[list[Truth]], Truth], Words]] = {
    "any": (
        any_true,
        Words("in whose account somebody is among those {rule}", "所属账户中有人满足（{rule}）"),
    ),
    "all": (
        all_true,
        Words("in whose account everybody is among those {rule}", "所属账户中所有人满足（{rule}）"),
    ),
    "none": (
        lambda truths: negate(any_true(truths)),
        Words("in whose account nobody is among those {rule}", "所属账户中无人满足（{rule}）"),
    ),
}
_NOT = Words("not ({clause})", "不满足（{clause}）")


@dataclass(frozen=True, slots=True)
class Account(Rule):
    KEY: ClassVar[str] = "account"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "account": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {key: {"type": "object"} for key in _QUANTIFIERS},
        }
    }
    LABEL: ClassVar[Words] = Words("people of the account", "账户成员")
    quantifier: str
    rule: Rule

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Account | None":
        place.check_keys(data, cls.SCHEMA)
        inner, of = place.at(cls.KEY), data[cls.KEY]
        if not isinstance(of, dict) or len(of) != 1 or not set(of) <= set(_QUANTIFIERS):
            inner.refuse(Reason.NOT_AN_OBJECT, f"expected an object with one of {listed(_QUANTIFIERS)}")
            return None
        ((quantifier, rule),) = of.items()
        read = child(inner.at(quantifier), rule)
        return None if read is None else cls(quantifier, read)

    def render(self) -> dict[str, Any]:
        return {self.KEY: {self.quantifier: self.rule.render()}}

    def compile(self) -> Test:
        test, fold = self.rule.compile(), _QUANTIFIERS[self.quantifier][0]

        def run(facts: Facts) -> Truth:
            return None if facts.account is None else fold([test(each) for each in facts.account])

        return run

    def say(self, denied: bool) -> Clause:
        words = _QUANTIFIERS[self.quantifier][1].about(rule=self.rule.say(denied=False).words)
        return Clause(_NOT.about(clause=words) if denied else words)

    def explain(self, facts: Facts) -> dict[str, Any]:
        test = self.rule.compile()
        people = None if facts.account is None else [test(each) for each in facts.account]
        return self.leaf(facts, people)

    def children(self) -> tuple[Rule, ...]:
        """What the rule inside needs is needed of each of these people."""
        return (self.rule,)

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.ACCOUNT),)

    def normal(self) -> "Account":
        return Account(self.quantifier, self.rule.normal())


NODE = Account
