"""Which sources sent something, counted in memory and written down now and then, so that no batch waits for it.

A crash loses the last seconds, and a batch that is worked twice counts twice: freshness needs no more.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from chassis import logs, metrics
from chassis.clock import from_ms
from chassis.database import FAILURES, Database
from chassis.lanes import LaneGate

from profile_service.domain.calls import Call
from profile_service.domain.identity_settings import DAY_MS
from profile_service.store import sources

EVERY_S = 5.0


class SourceBook:
    def __init__(self, database: Database, gate: LaneGate) -> None:
        self._database = database
        self._gate = gate
        self._calls: Counter[tuple[UUID, str, date]] = Counter()
        self._seen: dict[tuple[UUID, str], datetime] = {}

    def note(self, workspace_id: UUID, calls: Iterable[Call]) -> None:
        accepted: dict[str, list[int]] = {}
        for call in calls:
            if call.source:
                accepted.setdefault(call.source, []).append(call.accepted)
        for source, times in accepted.items():
            for day, count in Counter(ms // DAY_MS for ms in times).items():
                self._calls[workspace_id, source, from_ms(day * DAY_MS).date()] += count
            key, last = (workspace_id, source), from_ms(max(times))
            self._seen[key] = max(self._seen.get(key, last), last)

    async def run(self) -> None:
        while not self._gate.closed:
            await self._gate.sleep(EVERY_S)
            metrics.beat("sources")
            await self.flush()

    async def flush(self) -> None:
        """Writes down what was noted; what cannot be written is kept for the next time."""
        calls, self._calls = self._calls, Counter()
        seen, self._seen = self._seen, {}
        for workspace_id in {key[0] for key in calls}:
            mine = {key[1:]: count for key, count in calls.items() if key[0] == workspace_id}
            last = {key[1]: at for key, at in seen.items() if key[0] == workspace_id}
            try:
                async with self._database.transaction(workspace_id) as tx:
                    await sources.add_calls(tx, mine, last)
            except FAILURES as error:
                logs.get().warning("sources_not_noted", detail=type(error).__name__)
                self._calls.update({(workspace_id, *key): count for key, count in mine.items()})
                for name, at in last.items():
                    key = (workspace_id, name)
                    self._seen[key] = max(self._seen.get(key, at), at)
