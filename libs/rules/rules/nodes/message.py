"""`{"message": {"journey"?, "campaign"?, "channel"?, "content"?, "state"}, "within": …, "count": …}`: messages to the person
that reached a state (`sent`, `delivered`, `opened`, `clicked` …). Without `count` at least one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts, MessageState
from rules._logic import Truth
from rules._needs import FactKind, Need
from rules._reading import Place, Reason, read_name
from rules._rule import ReadChild, Rule, Test
from rules._schema import Fault, Schema, unknown
from rules._windows import SCHEMA as WINDOW_SCHEMA
from rules._windows import Window, read_window
from rules._words import Clause, Words, name
from rules.nodes._event_conditions import AT_LEAST_ONCE, COUNT_SCHEMA, Count

_REACHED = Words("with messages{about} {state}{count}{window}", "{window}有{about}消息{state}{count}")
_NEVER = Words("with no message{about} {state}{window}", "{window}没有{about}消息{state}")
_NOT = Words("not ({clause})", "不满足（{clause}）")
_STATE = Words("that were {state}", "达到状态{state}")
_WINDOW = Words(" {window}", "{window}")
_SILENT = Words("", "")
_ABOUT = {
    "journey": Words(" of the journey {value}", "旅程{value}的"),
    "campaign": Words(" of the campaign {value}", "活动{value}的"),
    "channel": Words(" by {value}", "渠道{value}的"),
    "content": Words(" with the content {value}", "内容{value}的"),
}


@dataclass(frozen=True, slots=True)
class Message(Rule):
    KEY: ClassVar[str] = "message"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "message": {
            "type": "object",
            "required": ["state"],
            "additionalProperties": False,
            "properties": {key: {"type": "string", "minLength": 1} for key in ("state", *_ABOUT)},
        },
        "within": WINDOW_SCHEMA,
        "count": COUNT_SCHEMA,
    }
    LABEL: ClassVar[Words] = Words("messages", "消息")
    state: str
    about: tuple[tuple[str, str], ...] = ()
    within: Window | None = None
    count: Count | None = None

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Message | None":
        place.check_keys(data, cls.SCHEMA)
        inner, of = place.at(cls.KEY), data[cls.KEY]
        within = read_window(place.at("within"), data["within"]) if "within" in data else None
        count = Count.read(place.at("count"), data["count"]) if "count" in data else None
        if not isinstance(of, dict) or not all(isinstance(key, str) for key in of) or "state" not in of:
            inner.refuse(
                Reason.NOT_AN_OBJECT, 'expected an object with "state", such as {"state": "clicked"}'
            )
            return None
        inner.check_keys(of, ("state", *_ABOUT))
        read = {key: read_name(inner.at(key), of[key], f"a {key}") for key in ("state", *_ABOUT) if key in of}
        texts = {key: text for key, text in read.items() if text is not None}
        if len(texts) < len(read):
            return None
        return cls(texts.pop("state"), tuple(texts.items()), within, count)

    def render(self) -> dict[str, Any]:
        parts = {"within": self.within, "count": self.count}
        rendered = {key: part.render() for key, part in parts.items() if part is not None}
        return {self.KEY: dict(self.about) | {"state": self.state}} | rendered

    def compile(self) -> Test:
        counts = (self.count or AT_LEAST_ONCE).compile()

        def run(facts: Facts) -> Truth:
            found = self._found(facts)
            return None if found is None else counts(found)

        return run

    def say(self, denied: bool) -> Clause:
        count = self.count or AT_LEAST_ONCE
        opposite = count.opposite()
        if denied and opposite is None:
            return Clause(_NOT.about(clause=self.say(denied=False).words))
        said = opposite if denied and opposite is not None else count
        about = [_ABOUT[key].about(value=name(value)) for key, value in self.about]
        parts = {
            "about": Words("".join(p.en for p in about), "".join(p.zh for p in about)),
            "state": _STATE.about(state=name(self.state)),
            "window": _SILENT if self.within is None else _WINDOW.about(window=self.within.say()),
        }
        if said.is_never():
            return Clause(_NEVER.about(**parts))
        return Clause(_REACHED.about(**parts, count=_SILENT if said == AT_LEAST_ONCE else said.say()))

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, self._found(facts))

    def needs(self) -> tuple[Need, ...]:
        own = Need(FactKind.MESSAGES, self.state, self.within)
        clock = self.within is not None and self.within.needs_clock
        return (own, Need(FactKind.CLOCK, at=("within",))) if clock else (own,)

    def faults(self, schema: Schema) -> Iterable[Fault]:
        journey = dict(self.about).get("journey")
        if journey is not None and schema.journeys is not None and journey not in schema.journeys:
            yield unknown((self.KEY, "journey"), "journey", journey, schema.journeys)

    def normal(self) -> "Message":
        count = None if self.count is None else self.count.normal()
        return self._with(None if count == AT_LEAST_ONCE else count)

    def denial(self) -> "Message | None":
        opposite = (self.count or AT_LEAST_ONCE).opposite()
        return None if opposite is None else self._with(opposite).normal()

    def _with(self, count: Count | None) -> "Message":
        return Message(self.state, self.about, self.within, count)

    def _found(self, facts: Facts) -> int | None:
        """How many; None when it cannot be told."""
        bounds = None if self.within is None else self.within.range(facts.now_ms, facts.zone)
        if facts.messages is None or (self.within is not None and bounds is None):
            return None
        return sum(
            self._means(each) and (bounds is None or bounds[0] <= each.at_ms * 1_000 < bounds[1])
            for each in facts.messages
        )

    def _means(self, message: MessageState) -> bool:
        return message.state == self.state and all(
            message.about.get(key) == value for key, value in self.about
        )


NODE = Message
