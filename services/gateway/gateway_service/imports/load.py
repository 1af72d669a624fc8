"""The job of an import: reads on from where it is, turns rows into calls, and sends these by the bulk lane, no faster
than profile takes them. A dry run asks profile instead what the calls would do.

A step's place, counts and faults are written together. A replica that dies between sending a step and writing that
leaves it to be sent again: the calls have the same message ids, and profile stores each once.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from chassis import metrics
from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.database import Database
from waypost.profile.v1 import preview_service_pb2 as pb

from gateway_service.imports.convert import Claim, Converted, Converter, Draft, Row, claims_of
from gateway_service.imports.details import Details, seal_faults
from gateway_service.imports.faults import Fault
from gateway_service.imports.layout import NotReadable
from gateway_service.imports.reading import Gone, StoredFile
from gateway_service.ingest.commit import GroupCommit
from gateway_service.jobs.runner import JobFailed
from gateway_service.remote import Remote
from gateway_service.store import imports, jobs
from gateway_service.store.import_files import ImportFiles
from gateway_service.store.imports import Imported
from gateway_service.store.jobs import Held, HoldLost

STEP = 1_000
TRIED_STEP = 500
TRIED_ROWS = 10_000
"""Of a dry run: what these would do is found out; of the rows behind them only what is faulty."""
MOST_BEHIND = 100
"""Messages of the bulk lane that may wait for profile, of 200 rows each: a bulk load must not fill the stream."""
LOOK_EVERY = 5_000
"""Rows sent between two looks at that."""
MOST_FAULTS = 100_000
"""Kept of an import; all are counted."""
MOST_BROKEN = 1_000
"""Rows that cannot be read as rows, before the file is given up: it is laid out otherwise than was thought."""
_SHOWN_PER_OUTCOME = 5
_MOST_CLAIMS = 5_000
_PAUSE_S = 0.25
_UNREADABLE = frozenset({"quote_unclosed", "row_too_long", "too_many_cells", "json_invalid"})


class ImportJobs:
    def __init__(
        self,
        database: Database,
        files: ImportFiles,
        ciphers: Ciphers,
        remote: Remote,
        commit: GroupCommit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._files = files
        self._ciphers = ciphers
        self._remote = remote
        self._commit = commit
        self._clock = clock

    async def run(self, held: Held) -> None:
        async with self._database.transaction(held.workspace_id) as tx:
            imported = await imports.get(tx, held.job_id)
            job = await jobs.get(tx, held.job_id)
        if imported is None or job is None:
            raise HoldLost
        work = _Work(imported, Details.unseal(self._ciphers.of(held.workspace_id), imported.sealed), job)
        file = StoredFile(self._files, held.workspace_id, imported.file_id, imported.size_bytes)
        size = TRIED_STEP if imported.dry_run else STEP
        try:
            async with aclosing(file.steps(work.details.layout, size, imported.rows_done)) as steps:
                async for rows, share in steps:
                    metrics.beat("jobs")
                    await self._step(held, work, rows, share)
        except Gone as error:
            raise JobFailed("the file is not stored any more; upload it again") from error
        except NotReadable as error:
            raise JobFailed(str(error)) from error
        if not imported.dry_run:
            await self._settled(held)

    async def _step(self, held: Held, work: "_Work", rows: Sequence[Row], share: float) -> None:
        drafts = work.converter.drafts(rows)
        found = work.converter.converted(drafts, await self._refused(held, list(claims_of(drafts))))
        if not work.imported.dry_run:
            await self._send(held, work, found)
        elif work.counts["tried"] < TRIED_ROWS and found.records:
            await self._try(held, work, found, drafts)
        kept = work.tally(len(rows), found)
        cipher, now = self._ciphers.of(held.workspace_id), self._clock.now()
        async with self._database.transaction(held.workspace_id) as tx:
            await jobs.hold(tx, held, now)
            if kept:
                await imports.add_faults(tx, held.job_id, rows[0].number, seal_faults(cipher, kept))
            if rows:
                await imports.advance(tx, held.job_id, rows[-1].number)
            if work.imported.dry_run:
                await imports.describe(tx, held.job_id, work.details.seal(cipher))
            await jobs.advance(tx, held, share, work.counts, now)
        if work.counts["unreadable"] > MOST_BROKEN:
            raise JobFailed(
                f"more than {MOST_BROKEN} rows cannot be read; state the delimiter, encoding or format and upload again"
            )

    async def _send(self, held: Held, work: "_Work", found: Converted) -> None:
        if work.unseen <= 0:
            while (await self._backlog(held)).waiting > MOST_BEHIND:
                await self._wait(held)
            work.unseen = LOOK_EVERY
        work.unseen -= len(found.records)
        await self._commit.submit(held.workspace_id, "bulk", found.records)

    async def _settled(self, held: Held) -> None:
        """Waits until profile has stored what was sent."""
        answer = await self._backlog(held)
        upto = answer.last_sequence
        while answer.handled_sequence < upto:
            await self._wait(held)
            answer = await self._backlog(held)

    async def _wait(self, held: Held) -> None:
        metrics.beat("jobs")
        await asyncio.sleep(_PAUSE_S)
        async with self._database.transaction(held.workspace_id) as tx:
            await jobs.hold(tx, held, self._clock.now())

    async def _try(self, held: Held, work: "_Work", found: Converted, drafts: Sequence[Draft]) -> None:
        request = pb.PreviewCallsRequest(records=found.records)
        answer = await self._ask(held, "PreviewCalls", request, deadline_s=30.0)
        by_row = {draft.row: draft for draft in drafts}
        for row, preview in zip(found.rows, answer.previews, strict=True):
            work.outcome(by_row[row], preview)

    async def _refused(self, held: Held, claims: list[Claim]) -> list[tuple[Claim, str]]:
        found: list[tuple[Claim, str]] = []
        for start in range(0, len(claims), _MOST_CLAIMS):
            some = claims[start : start + _MOST_CLAIMS]
            asked = [pb.CheckedIdentifier(type=one.type, scope=one.scope, value=one.value) for one in some]
            request = pb.CheckIdentifiersRequest(identifiers=asked)
            answer = await self._ask(held, "CheckIdentifiers", request)
            found += [(some[one.index], one.reason) for one in answer.refused]
        return found

    async def _backlog(self, held: Held) -> Any:
        return await self._ask(held, "GetIngestBacklog", pb.GetIngestBacklogRequest())

    async def _ask(self, held: Held, method: str, request: Any, *, deadline_s: float = 10.0) -> Any:
        return await self._remote.call_for(
            "profile", method, request, held.workspace_id, actor="import", deadline_s=deadline_s
        )


class _Work:
    """An import under way."""

    def __init__(self, imported: Imported, details: Details, job: jobs.Job) -> None:
        self.imported = imported
        self.details = details
        self.counts = Counter(job.counts)
        self.unseen = 0
        """Rows that may be sent before the next look at the backlog."""
        prefix = details.prefix(imported.import_id)
        if imported.dry_run:
            prefix = f"try-{prefix}"
        self.converter = Converter(details.chosen(), prefix, imported.created_at, details.source)
        self._met: set[tuple[str, str, str]] = set()

    def tally(self, rows: int, found: Converted) -> list[Fault]:
        """Counts the step; the faults of it that are kept."""
        room = max(0, MOST_FAULTS - self.counts["faults"])
        self.counts.update(
            rows=rows,
            rejected=found.rejected,
            faults=len(found.faults),
            unreadable=sum(fault.reason in _UNREADABLE for fault in found.faults),
        )
        if not self.imported.dry_run:
            self.counts["sent"] += len(found.records)
        return found.faults[:room]

    def outcome(self, draft: Draft, preview: pb.CallPreview) -> None:
        """Counts what a row would do. Profile looks at a step alone: who an earlier one would have made is known."""
        word = pb.CallOutcome.Name(preview.outcome).removeprefix("CALL_OUTCOME_").lower()
        claims = {(one.type, one.scope, one.value) for one in draft.identifiers}
        if word == "created" and claims & self._met:
            word = "updated"
        self._met |= claims
        self.counts["tried"] += 1
        self.counts[word] += 1
        if self.counts[word] <= _SHOWN_PER_OUTCOME:
            shown = {"row": draft.row, "outcome": word, "people": preview.people, "reason": preview.reason}
            self.details.outcomes.append(shown)
