"""A journey's definition: parsed once, checked whole, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import rules

from journey_service.domain.matching import EventMatch, is_path, lookup
from journey_service.domain.nodes import Node, kinds
from journey_service.domain.problems import DefinitionError, Problem, Reader
from journey_service.domain.run import Event

MOST_NODES = 200
MOST_ENTRIES = 20


@dataclass(frozen=True, slots=True)
class Entry:
    match: EventMatch
    key: str
    """Path of the property that keeps parallel runs of one person apart; empty: one run at a time."""
    audience: rules.Rule | None
    historical: bool
    """Whether imported and late events may start a run."""

    def key_of(self, event: Event) -> str:
        value = lookup(event.properties, self.key) if self.key else None
        return "" if value is None else str(value)[:200]


@dataclass(frozen=True, slots=True)
class Reentry:
    mode: str
    """after_exit: again once the earlier run ended; once: never again."""
    cooldown: timedelta

    @property
    def looks_back(self) -> bool:
        """Whether earlier runs, long ended, have a say."""
        return self.mode == "once" or bool(self.cooldown)


@dataclass(frozen=True, slots=True)
class Definition:
    name: str
    entries: tuple[Entry, ...]
    reentry: Reentry
    start: str
    nodes: Mapping[str, Node]
    next: Mapping[tuple[str, str], str]
    """(node, way out) → node."""
    tolerance: timedelta
    """How long overdue the next step of a run may be that a split gives back."""
    waits_for: frozenset[str]
    """Events that can move a run."""

    def event_names(self) -> frozenset[str]:
        """Every event that can start or move a run."""
        return self.waits_for | {entry.match.event for entry in self.entries}


def parse_definition(data: object) -> Definition:
    """Raises DefinitionError with every problem found."""
    problems: list[Problem] = []
    top = Reader(data, "", problems)
    name = top.text("name")
    entries = tuple(_entry(reader) for reader in top.children("entries"))
    if not 1 <= len(entries) <= MOST_ENTRIES:
        top.note("entries", "missing" if not entries else "too_many", f"expected 1 to {MOST_ENTRIES} entries")
    reentry, tolerance = _policies(top.child("policies"))
    start = top.text("start")
    written = top.child("nodes")
    nodes, following = _nodes(written)
    if written.data and start and start not in written.data:
        top.note("start", "unknown_node", f"no node is called {start!r}")
    top.done()
    if problems:
        raise DefinitionError(problems)
    waits_for = frozenset().union(*(node.event_names() for node in nodes.values()))
    return Definition(name, entries, reentry, start, nodes, following, tolerance, waits_for)


def _entry(config: Reader) -> Entry:
    config.choice("kind", ("event",))
    match = EventMatch(config.text("event"), config.predicates("where"), ())
    key = config.get("key", "")
    if not isinstance(key, str) or (key and not is_path(key)):
        config.note("key", "bad_value", "expected the path of a property")
    historical = config.get("historical", False)
    if not isinstance(historical, bool):
        config.note("historical", "bad_value", "expected true or false")
    entry = Entry(match, str(key), config.rule("audience"), historical is True)
    config.done()
    return entry


def _policies(config: Reader) -> tuple[Reentry, timedelta]:
    reentry = config.child("reentry")
    mode = reentry.choice("mode", ("after_exit", "once"), "after_exit")
    cooldown = reentry.duration("cooldown") if reentry.get("cooldown") is not None else timedelta(0)
    reentry.done()
    tolerance = config.duration("tolerance", "1d")
    config.done()
    return Reentry(mode, cooldown), tolerance


def _nodes(config: Reader) -> tuple[dict[str, Node], dict[tuple[str, str], str]]:
    if not 1 <= len(config.data) <= MOST_NODES:
        config.note("", "missing" if not config.data else "too_many", f"expected 1 to {MOST_NODES} nodes")
        return {}, {}
    nodes: dict[str, Node] = {}
    following: dict[tuple[str, str], str] = {}
    for node_id in config.data:
        reader = config.child(node_id)
        kind = kinds().get(str(reader.get("kind")))
        if kind is None:
            reader.note("kind", "unknown_kind", f"expected one of {', '.join(sorted(kinds()))}")
            continue
        node = nodes[node_id] = kind.read(reader)
        following |= _ways_on(reader, node_id, node, config.data)
        reader.done()
    return nodes, following


def _ways_on(
    reader: Reader, node_id: str, node: Node, all_nodes: Mapping[str, Any]
) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for (part, key), target in node.named_nodes().items():
        if target and target not in all_nodes:
            reader.child(part).note(key, "unknown_node", f"no node is called {target!r}")
    if not node.ways_out():
        return found
    following = reader.child("next")
    for way in sorted(node.ways_out()):
        target = following.text(way)
        if target and target not in all_nodes:
            following.note(way, "unknown_node", f"no node is called {target!r}")
        found[node_id, way] = target
    following.done()
    return found
