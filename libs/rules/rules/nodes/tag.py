"""`{"tag": key}`: the person carries the tag now; `weight`, `confidence`, `source` and `set` (when it was given) may ask
more of it. The key never changes; the path that people see may be renamed. An expired tag is not carried."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rules import _bounds
from rules._bounds import Bounds
from rules._facts import Facts, TagState
from rules._instants import text_of
from rules._logic import Truth, all_true
from rules._needs import FactKind, Need
from rules._reading import Place, read_name, read_names
from rules._rule import ReadChild, Rule, Test
from rules._words import Clause, Words, listing, name
from rules.nodes._event_conditions import WHEN_SCHEMA, TimeTest, When

_CARRIES = Words("tagged {tag}{more}", "有标签{tag}{more}")
_LACKS = Words("not tagged {tag}", "没有标签{tag}")
_NOT = Words("not ({clause})", "不满足（{clause}）")
_MORE = Words(" ({more})", "（{more}）")
_PARTS = {
    "weight": Words("weight {said}", "权重{said}"),
    "confidence": Words("confidence {said}", "置信度{said}"),
    "source": Words("from {said}", "来自{said}"),
    "set": Words("given {said}", "打上的时间{said}"),
}


@dataclass(frozen=True, slots=True)
class Tag(Rule):
    KEY: ClassVar[str] = "tag"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "tag": {"type": "string", "minLength": 1},
        "weight": _bounds.SCHEMA,
        "confidence": _bounds.SCHEMA,
        "source": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "set": WHEN_SCHEMA,
    }
    LABEL: ClassVar[Words] = Words("tag", "标签")
    key: str
    weight: Bounds | None = None
    confidence: Bounds | None = None
    source: tuple[str, ...] = ()
    set: When | None = None

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Tag | None":
        place.check_keys(data, cls.SCHEMA)
        key = read_name(place.at(cls.KEY), data[cls.KEY], 'the key of a tag, such as "worth.vip"')
        weight, confidence = (
            Bounds.read(place.at(part), data[part]) if part in data else None
            for part in ("weight", "confidence")
        )
        source = read_names(place.at("source"), data["source"], "sources") if "source" in data else ()
        given = When.read(place.at("set"), data["set"]) if "set" in data else None
        return None if key is None or source is None else cls(key, weight, confidence, source, given)

    def render(self) -> dict[str, Any]:
        parts = {"weight": self.weight, "confidence": self.confidence, "set": self.set}
        source = {"source": list(self.source)} if self.source else {}
        rendered = {key: part.render() for key, part in parts.items() if part is not None}
        return {self.KEY: self.key} | rendered | source

    def compile(self) -> Test:
        given = None if self.set is None else self.set.compile()

        def run(facts: Facts) -> Truth:
            if facts.tags is None:
                return None
            state = facts.tags.get(self.key)
            return False if state is None else self._holds(state, facts, given)

        return run

    def say(self, denied: bool) -> Clause:
        source = listing(self.source) if self.source else None
        asked = {"weight": self.weight, "confidence": self.confidence, "set": self.set}
        said = {key: part.say() for key, part in asked.items() if part is not None}
        said |= {} if source is None else {"source": source}
        if denied and not said:
            return Clause(_LACKS.about(tag=name(self.key)))
        parts = [_PARTS[key].about(said=words) for key, words in said.items()]
        more = Words(", ".join(p.en for p in parts), "，".join(p.zh for p in parts))
        words = _CARRIES.about(tag=name(self.key), more=_MORE.about(more=more) if parts else Words("", ""))
        return Clause(_NOT.about(clause=words) if denied else words)

    def explain(self, facts: Facts) -> dict[str, Any]:
        state = None if facts.tags is None else facts.tags.get(self.key)
        shown = None
        if state is not None:
            given = None if state.set_ms is None else text_of(state.set_ms)
            shown = {
                "weight": state.weight,
                "confidence": state.confidence,
                "source": state.source,
                "set": given,
            }
        return self.leaf(facts, shown)

    def needs(self) -> tuple[Need, ...]:
        own = Need(FactKind.TAGS, self.key, named_at=(self.KEY,))
        clock = self.set is not None and self.set.within is not None and self.set.within.needs_clock
        return (own, Need(FactKind.CLOCK, at=("set", "within"))) if clock else (own,)

    def normal(self) -> "Tag":
        return replace(self, source=tuple(sorted({*self.source})))

    def _holds(self, state: TagState, facts: Facts, given: TimeTest | None) -> Truth:
        return all_true(
            (
                True if self.weight is None else self.weight.hold(state.weight),
                True if self.confidence is None else self.confidence.hold(state.confidence),
                not self.source or state.source in self.source,
                True if given is None else given(state.set_ms, facts),
            )
        )


NODE = Tag
