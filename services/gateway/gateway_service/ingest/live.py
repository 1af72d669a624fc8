"""The last events that this gateway accepted, in memory: for a person who looks whether a source arrives."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from uuid import UUID

MOST_EVENTS = 50
MOST_BYTES = 8 * 1024
"""Of one event; a larger one is not shown."""
MOST_WORKSPACES = 100
"""Those that were heard of last: 40 MB at most, a hundredth of it as a rule."""


class Live:
    def __init__(self) -> None:
        self._rings: OrderedDict[UUID, deque[bytes]] = OrderedDict()

    def note(self, workspace_id: UUID, records: Sequence[bytes]) -> None:
        """`records`: encoded IngestRecords that are on the broker's disk."""
        ring = self._rings.get(workspace_id)
        if ring is None:
            ring = self._rings[workspace_id] = deque(maxlen=MOST_EVENTS)
            if len(self._rings) > MOST_WORKSPACES:
                self._rings.popitem(last=False)
        else:
            self._rings.move_to_end(workspace_id)
        ring.extend(record for record in records[-MOST_EVENTS:] if len(record) <= MOST_BYTES)

    def last(self, workspace_id: UUID) -> list[bytes]:
        """Newest first."""
        return list(reversed(self._rings.get(workspace_id, ())))
