"""Wait for a length of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from journey_service.domain.durations import SCHEMA
from journey_service.domain.problems import Reader
from journey_service.domain.run import Decision, Known, Moment, Pass, Run, Wait


@dataclass(frozen=True, slots=True)
class WaitNode:
    length: timedelta
    kind: str = "wait"

    def ways_out(self) -> frozenset[str]:
        return frozenset({"done"})

    def named_nodes(self) -> Mapping[tuple[str, str], str]:
        return {}

    def event_names(self) -> frozenset[str]:
        return frozenset()

    def decide(self, run: Run, known: Known) -> Decision:
        due = run.opened.at + self.length
        return Pass("done", Moment(due)) if known.now >= due else Wait(due)


class WaitKind:
    name = "wait"
    label = {"en": "Wait", "zh": "等待"}
    description = {"en": "Waits for a length of time.", "zh": "等待一段时间。"}
    schema = {
        "type": "object",
        "required": ["for"],
        "additionalProperties": False,
        "properties": {"for": SCHEMA},
    }

    def read(self, config: Reader) -> WaitNode:
        return WaitNode(config.duration("for"))


NODE = WaitKind()
