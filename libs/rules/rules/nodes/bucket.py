"""`{"bucket": {"salt": "exp-7", "from": 0, "to": 999}}`: a stable random share of people, here a tenth.

A person falls in one of 10,000 buckets by a hash of the salt and their id, which a merge does not change for who keeps
their name. Both ends are inside. Another salt shuffles anew, so experiments do not correlate.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

from rules._facts import Facts
from rules._logic import Truth
from rules._needs import FactKind, Need
from rules._reading import Place, Reason, read_name
from rules._rule import ReadChild, Rule, Test
from rules._words import Clause, Words, name, same

BUCKETS = 10_000
_IN = Words("in the buckets {low} to {high} of {salt}", "在{salt}的 {low} 至 {high} 号桶中")
_OUT = Words("outside the buckets {low} to {high} of {salt}", "不在{salt}的 {low} 至 {high} 号桶中")
_KEYS = ("salt", "from", "to")


@dataclass(frozen=True, slots=True)
class Bucket(Rule):
    KEY: ClassVar[str] = "bucket"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "bucket": {
            "type": "object",
            "required": list(_KEYS),
            "additionalProperties": False,
            "properties": {
                "salt": {"type": "string", "minLength": 1},
                "from": {"type": "integer", "minimum": 0, "maximum": BUCKETS - 1},
                "to": {"type": "integer", "minimum": 0, "maximum": BUCKETS - 1},
            },
        }
    }
    LABEL: ClassVar[Words] = Words("random share", "随机分桶")
    salt: str
    low: int
    high: int

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Bucket | None":
        place.check_keys(data, cls.SCHEMA)
        inner, of = place.at(cls.KEY), data[cls.KEY]
        if not isinstance(of, dict) or set(of) != set(_KEYS):
            inner.refuse(Reason.NOT_AN_OBJECT, 'expected {"salt": "exp-7", "from": 0, "to": 999}')
            return None
        salt = read_name(inner.at("salt"), of["salt"], "a salt: the name of the experiment")
        low, high = (_read_number(inner.at(key), of[key]) for key in ("from", "to"))
        if salt is None or low is None or high is None:
            return None
        if low > high:
            inner.refuse(Reason.BAD_VALUE, '"from" is above "to"; swap them')
            return None
        return cls(salt, low, high)

    def render(self) -> dict[str, Any]:
        return {self.KEY: {"salt": self.salt, "from": self.low, "to": self.high}}

    def compile(self) -> Test:
        def run(facts: Facts) -> Truth:
            bucket = self._bucket(facts)
            return None if bucket is None else self.low <= bucket <= self.high

        return run

    def say(self, denied: bool) -> Clause:
        form = _OUT if denied else _IN
        return Clause(form.about(salt=name(self.salt), low=same(str(self.low)), high=same(str(self.high))))

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, self._bucket(facts))

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.PERSON_ID),)

    def _bucket(self, facts: Facts) -> int | None:
        return None if facts.person_id is None else bucket_of(self.salt, facts.person_id)


def bucket_of(salt: str, person_id: str) -> int:
    """0 to 9,999; part of the contract: another hash would move people between the arms of running experiments."""
    digest = sha256(f"{salt}\x1f{person_id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def _read_number(place: Place, data: object) -> int | None:
    if isinstance(data, int) and not isinstance(data, bool) and 0 <= data < BUCKETS:
        return data
    place.refuse(Reason.BAD_VALUE, f"expected a whole number from 0 to {BUCKETS - 1}")
    return None


NODE = Bucket
