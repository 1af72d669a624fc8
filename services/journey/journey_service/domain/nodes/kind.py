"""What a node kind offers: its words and config schema, a reader, and a pure decision."""

from collections.abc import Mapping
from typing import Any, Protocol

from journey_service.domain.problems import Reader
from journey_service.domain.run import Decision, Known, Run


class Node(Protocol):
    """A configured node. Frozen; `decide` gives the same answer for the same arguments."""

    kind: str

    def ways_out(self) -> frozenset[str]:
        """Outcomes that the definition must lead on from."""
        ...

    def named_nodes(self) -> Mapping[tuple[str, str], str]:
        """Nodes that the config itself leads to: (part of the config, key in it) → node."""
        ...

    def event_names(self) -> frozenset[str]:
        """Events that can move a run waiting here."""
        ...

    def decide(self, run: Run, known: Known) -> Decision: ...


class NodeKind(Protocol):
    name: str
    label: Mapping[str, str]
    description: Mapping[str, str]
    schema: Mapping[str, Any]

    def read(self, config: Reader) -> Node:
        """The node of a config; problems go to the reader."""
        ...
