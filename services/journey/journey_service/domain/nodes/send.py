"""Send one message; go on when the provider has it, or when dispatch refused it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from journey_service.domain.durations import SCHEMA
from journey_service.domain.problems import Reader
from journey_service.domain.run import Decision, Exit, Intention, Known, Moment, Pass, Run, Wait

CHANNELS = ("sms", "email")
PURPOSES = ("marketing", "transactional")
PRIORITIES = ("triggered",)
FROZEN = "run_frozen"
MOST_CHARS = 128
"""Of a topic and an org unit, as in the ledger of consents."""
GRACE = timedelta(days=1)
"""After the message's last moment: dispatch has decided by then, or its answer is lost."""


@dataclass(frozen=True, slots=True)
class SendNode:
    channel: str
    content_id: str
    purpose: str
    topic: str
    org_unit_id: str
    not_after: timedelta
    on_refused: Mapping[str, str]
    kind: str = "send"

    def ways_out(self) -> frozenset[str]:
        return frozenset({"done"})

    def named_nodes(self) -> Mapping[tuple[str, str], str]:
        return {("on_refused", reason): node for reason, node in self.on_refused.items()}

    def event_names(self) -> frozenset[str]:
        return frozenset()

    def decide(self, run: Run, known: Known) -> Decision:
        issued = run.memory.get("issued")
        last = run.opened.at + self.not_after
        if issued != run.sequence:
            about = (self.purpose, self.topic, self.org_unit_id)
            intention = Intention(self.channel, self.content_id, *about, last)
            return Wait(max(last, known.now) + GRACE, {"issued": run.sequence}, intention)
        outcome = known.outcome
        if outcome is None or outcome.sequence != run.sequence:
            wake = run.wake_at or last + GRACE
            return Exit("no_outcome") if known.now >= wake else Wait(wake, run.memory)
        # As of when dispatch knew: what the person did before this batch came counts for the next wait.
        moment = Moment(outcome.at) if outcome.at > run.opened.at else run.opened
        if outcome.sent:
            return Pass("done", moment)
        if outcome.reason == FROZEN:
            # Dispatch asked while a merge had frozen the run. It goes on, so what it has to say is asked for anew.
            return Pass("refused", run.opened, {"refused": FROZEN}, to_node_id=run.node_id)
        to = self.on_refused.get(outcome.reason, self.on_refused.get("*", ""))
        inputs = {"refused": outcome.reason}
        return Pass("refused", moment, inputs, to_node_id=to) if to else Exit("refused", inputs)


class SendKind:
    name = "send"
    label = {"en": "Send a message", "zh": "发送消息"}
    description = {
        "en": "Sends a message; refusals can lead elsewhere, by reason, `*` for any other.",
        "zh": "发送一条消息;可按拒发原因走不同分支,* 表示其他原因。",
    }
    schema = {
        "type": "object",
        "required": ["channel", "content"],
        "additionalProperties": False,
        "properties": {
            "channel": {"enum": list(CHANNELS)},
            "content": {"type": "string", "description": "Template id"},
            "purpose": {"enum": list(PURPOSES), "default": "marketing"},
            "topic": {
                "type": "string",
                "maxLength": MOST_CHARS,
                "description": "As in consents; none: no topic",
            },
            "org_unit": {
                "type": "string",
                "maxLength": MOST_CHARS,
                "description": "As in consents; none: all",
            },
            "priority": {"enum": list(PRIORITIES), "default": "triggered"},
            "not_after": SCHEMA | {"default": "24h"},
            "on_refused": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }

    def read(self, config: Reader) -> SendNode:
        refused = config.child("on_refused")
        named = {reason: refused.text(reason) for reason in refused.data}
        config.choice("priority", PRIORITIES, "triggered")
        return SendNode(
            config.choice("channel", CHANNELS),
            config.text("content"),
            config.choice("purpose", PURPOSES, "marketing"),
            config.text("topic", longest=MOST_CHARS) if "topic" in config.data else "",
            config.text("org_unit", longest=MOST_CHARS) if "org_unit" in config.data else "",
            config.duration("not_after", "24h"),
            named,
        )


NODE = SendKind()
