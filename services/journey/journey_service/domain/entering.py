"""Who enters: a batch is gone through as if its events had come one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from journey_service.domain.definition import Definition
from journey_service.domain.plan import EntryRefused, plan_entry
from journey_service.domain.run import Run

Key = tuple[str, UUID, str]
"""Journey, person, entry key."""


@dataclass(slots=True)
class Standing:
    """What the people concerned have been through: their unfinished runs, those that this batch ended, and of the
    keys that were asked for, when the newest run ended that a key ever had."""

    runs: dict[UUID, Run] = field(default_factory=dict)
    last_exit: dict[Key, datetime | None] = field(default_factory=dict)

    def know(self, runs: Iterable[Run]) -> None:
        """Takes in runs as they are now."""
        for run in runs:
            self.runs[run.run_id] = run
            if run.state != "active":
                self.last_exit[key_of(run)] = run.exited_at


@dataclass(frozen=True, slots=True)
class Entries:
    entered: list[Run] = field(default_factory=list)
    later: list[Run] = field(default_factory=list)
    """To be asked again once it is known what became of those who entered."""
    refused: list[EntryRefused] = field(default_factory=list)


def plan_entries(
    wanted: Sequence[Run], standing: Standing, definitions: Mapping[tuple[str, int], Definition]
) -> Entries:
    """`wanted`: the runs that events would start, the earliest event first."""
    found = Entries()
    entering: set[Key] = set()
    of_person: dict[UUID, list[Run]] = {}
    for known in standing.runs.values():
        of_person.setdefault(known.profile_id, []).append(known)
    for run in wanted:
        key = key_of(run)
        if key in entering:
            found.later.append(run)
            continue
        # A run that ended was still going on when an earlier event happened.
        unfinished = [
            r for r in of_person.get(run.profile_id, ()) if r.state == "active" or r.opened >= run.opened
        ]
        definition = definitions[run.journey_id, run.version]
        ever = key in standing.last_exit
        no = plan_entry(run, definition, unfinished, standing.last_exit.get(key), ever)
        if no is not None:
            found.refused.append(no)
        else:
            found.entered.append(run)
            entering.add(key)
    return found


def key_of(run: Run) -> Key:
    return run.journey_id, run.profile_id, run.entry_key
