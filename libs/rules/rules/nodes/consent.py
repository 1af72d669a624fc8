"""`{"consent": {"channel", "purpose", "topic"?}}`: the consent is in force. Nobody consents by silence: what is not in the
ledger is no. Whether a consent for a whole purpose covers the topic asked about is for the ledger to say."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules import _facts
from rules._facts import Facts
from rules._needs import FactKind, Need
from rules._reading import Place, Reason, read_name
from rules._rule import ReadChild, Rule, Test
from rules._words import Clause, Words, name

_GIVES = Words("who consent to {purpose}{topic} by {channel}", "同意通过{channel}接收{purpose}{topic}")
_LACKS = Words(
    "without consent to {purpose}{topic} by {channel}", "没有同意通过{channel}接收{purpose}{topic}"
)
_TOPIC = Words(" about {topic}", "（主题{topic}）")
_KEYS = ("channel", "purpose", "topic")


@dataclass(frozen=True, slots=True)
class Consent(Rule):
    KEY: ClassVar[str] = "consent"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "consent": {
            "type": "object",
            "required": ["channel", "purpose"],
            "additionalProperties": False,
            "properties": {key: {"type": "string", "minLength": 1} for key in _KEYS},
        }
    }
    LABEL: ClassVar[Words] = Words("consent", "同意")
    channel: str
    purpose: str
    topic: str = ""

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Consent | None":
        place.check_keys(data, cls.SCHEMA)
        inner, of = place.at(cls.KEY), data[cls.KEY]
        if not isinstance(of, dict) or not all(isinstance(key, str) for key in of):
            inner.refuse(Reason.NOT_AN_OBJECT, 'expected {"channel": "sms", "purpose": "marketing"}')
            return None
        inner.check_keys(of, _KEYS)
        for key in ("channel", "purpose"):
            if key not in of:
                inner.refuse(Reason.MISSING_KEY, f'expected "{key}" as well')
        read = {key: read_name(inner.at(key), of[key], f"a {key}") for key in _KEYS if key in of}
        channel, purpose, topic = read.get("channel"), read.get("purpose"), read.get("topic", "")
        return None if channel is None or purpose is None or topic is None else cls(channel, purpose, topic)

    def render(self) -> dict[str, Any]:
        topic = {"topic": self.topic} if self.topic else {}
        return {self.KEY: {"channel": self.channel, "purpose": self.purpose} | topic}

    def compile(self) -> Test:
        asked = _facts.Consent(self.channel, self.purpose, self.topic)

        return lambda facts: None if facts.consents is None else asked in facts.consents

    def say(self, denied: bool) -> Clause:
        topic = _TOPIC.about(topic=name(self.topic)) if self.topic else Words("", "")
        form = _LACKS if denied else _GIVES
        return Clause(form.about(purpose=name(self.purpose), channel=name(self.channel), topic=topic))

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, self.compile()(facts))

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.CONSENTS),)


NODE = Consent
