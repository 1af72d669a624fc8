"""What a split gives back: runs that a merge froze, and that need not give way any longer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from journey_service.domain.entering import key_of
from journey_service.domain.run import Run


class Parting(NamedTuple):
    resumed: list[Run]
    """Active again."""
    refrozen: list[Run]
    """Their place is another run's by now."""


def plan_parting(frozen: Iterable[Run], active: Iterable[Run], person_of: Mapping[UUID, UUID]) -> Parting:
    """`active`: what those who have frozen runs are going through; `person_of`: whose the identities are that runs are
    frozen by. Of several that give way no longer and may not be parallel the oldest goes on."""
    places = {key_of(run): run for run in active}
    found = Parting([], [])
    for run in sorted(frozen, key=lambda r: (r.entered_at, r.run_id)):
        if run.frozen_by is None or person_of.get(run.frozen_by, run.profile_id) == run.profile_id:
            continue
        holder = places.setdefault(key_of(run), run)
        if holder is run:
            again = replace(run, state="active", exited_at=None, exit_reason="", frozen_by=None)
            found.resumed.append(again)
        else:
            found.refrozen.append(replace(run, frozen_by=holder.identity_id))
    return found
