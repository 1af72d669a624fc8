"""The run ends here."""

from collections.abc import Mapping
from dataclasses import dataclass

from journey_service.domain.problems import Reader
from journey_service.domain.run import Decision, Exit, Known, Run


@dataclass(frozen=True, slots=True)
class ExitNode:
    kind: str = "exit"

    def ways_out(self) -> frozenset[str]:
        return frozenset()

    def named_nodes(self) -> Mapping[tuple[str, str], str]:
        return {}

    def event_names(self) -> frozenset[str]:
        return frozenset()

    def decide(self, run: Run, known: Known) -> Decision:
        return Exit("done")


class ExitKind:
    name = "exit"
    label = {"en": "Exit", "zh": "结束"}
    description = {"en": "The person leaves the journey.", "zh": "客户离开旅程。"}
    schema = {"type": "object", "additionalProperties": False, "properties": {}}

    def read(self, config: Reader) -> ExitNode:
        return ExitNode()


NODE = ExitKind()
