"""What the owner of an import can do with it: hand it in, try it, start it, stop it, throw it away."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from waypost.profile.v1 import preview_service_pb2 as pb

from gateway_service.imports.details import Details, unseal_faults
from gateway_service.imports.expiry import FILE_KEPT
from gateway_service.imports.faults import Fault
from gateway_service.imports.layout import Layout, NotReadable
from gateway_service.imports.mapping import Mapping, wrong
from gateway_service.imports.upload import Described, Stored, Told, Uploads
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import Remote, key_reused
from gateway_service.store import import_files, imports, jobs
from gateway_service.store.import_files import ImportFiles
from gateway_service.store.imports import Imported
from gateway_service.store.jobs import Job, JobStore

KIND = "import"
MOST_FILES = 100
"""Of a workspace, handed in within the days that a file is kept."""
_AT_WORK = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Import:
    imported: Imported
    details: Details
    job: Job


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What comes with a file."""

    name: str
    source: str
    told: Told
    mapping: Mapping | None
    dry_run: bool


class ImportDesk:
    def __init__(
        self,
        database: Database,
        files: ImportFiles,
        uploads: Uploads,
        ciphers: Ciphers,
        remote: Remote,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        """`wake` tells those who work that something has become due."""
        self._database = database
        self._store = JobStore(database)
        self._files = files
        self._uploads = uploads
        self._ciphers = ciphers
        self._remote = remote
        self._clock = clock
        self._wake = wake

    async def hand_in(
        self, workspace_id: UUID, import_id: UUID, stream: AsyncIterator[bytes], read: Callable[[], HandedIn]
    ) -> Import:
        """`read` is asked when the stream has ended. The same id again with the same file is answered as the first
        time; it is started when a mapping comes with it, and tried with the suggested one if only that is asked."""
        stored = await self._uploads.store(workspace_id, stream)
        try:
            told = read()
            described = await self._described(workspace_id, stored, told.told)
            if told.mapping is not None:
                await self._check(workspace_id, told.mapping, described.layout)
            first = await self._kept(workspace_id, import_id, stored, described, told)
        except BaseException:
            await self._files.remove(workspace_id, stored.file_id)
            raise
        if not first:
            await self._files.remove(workspace_id, stored.file_id)
        elif told.mapping is not None or told.dry_run:
            mapping = told.mapping or Mapping.model_validate_json(described.suggested)
            await self._enqueue(workspace_id, import_id, mapping, told.dry_run)
        found = await self.get(workspace_id, import_id)
        if found.imported.digest != stored.digest:
            raise key_reused()
        return found

    async def get(self, workspace_id: UUID, import_id: UUID) -> Import:
        """Raises Problem 404."""
        async with self._database.transaction(workspace_id) as tx:
            imported, job = await imports.get(tx, import_id), await jobs.get(tx, import_id)
        if imported is None or job is None:
            raise _unknown()
        return Import(imported, self._unsealed(workspace_id, imported), job)

    async def start(
        self, workspace_id: UUID, import_id: UUID, mapping: Mapping | None, dry_run: bool
    ) -> Import:
        """Without a mapping, that of last time. Raises Problem."""
        found = await self.get(workspace_id, import_id)
        if mapping is None and found.details.mapping:
            mapping = found.details.chosen()
        if mapping is None:
            field = FieldError(
                pointer="/mapping", reason="missing", detail="suggested_mapping may be sent as it is"
            )
            raise Problem(400, "MAPPING_INVALID", "say what the columns are", errors=[field])
        await self._check(workspace_id, mapping, found.details.layout)
        await self._enqueue(workspace_id, import_id, mapping, dry_run)
        return await self.get(workspace_id, import_id)

    async def cancel(self, workspace_id: UUID, import_id: UUID) -> Import:
        """What is sent by then stays. Raises Problem."""
        async with self._database.transaction(workspace_id) as tx:
            job = await _locked(tx, import_id)
            if job.state not in _AT_WORK:
                raise _not_now(job, "only what is queued or running can be cancelled")
            await jobs.end(tx, import_id, "cancelled", "", self._clock.now())
        return await self.get(workspace_id, import_id)

    async def remove(self, workspace_id: UUID, import_id: UUID) -> None:
        """The file, the errors and the import; the people that it brought stay. Raises Problem."""
        async with self._database.transaction(workspace_id) as tx:
            job, imported = await _locked(tx, import_id), await imports.get(tx, import_id)
            if job.state in _AT_WORK:
                raise _not_now(job, "cancel it first")
            await imports.remove(tx, import_id)
            await jobs.remove(tx, import_id)
            if imported is not None:
                await import_files.remove(tx, imported.file_id)

    async def faults(self, workspace_id: UUID, import_id: UUID) -> AsyncIterator[Fault]:
        """In order of the rows."""
        cipher = self._ciphers.of(workspace_id)
        async for _, sealed in imports.faults(self._database, workspace_id, import_id):
            for one in unseal_faults(cipher, sealed):
                yield one

    async def _described(self, workspace_id: UUID, stored: Stored, told: Told) -> Described:
        try:
            return await self._uploads.describe(workspace_id, stored, told)
        except NotReadable as error:
            raise Problem(400, "FILE_UNREADABLE", str(error)) from error

    async def _kept(
        self, workspace_id: UUID, import_id: UUID, stored: Stored, described: Described, told: HandedIn
    ) -> bool:
        """False when there is an import of that id already."""
        details = Details(described.layout, told.source, described.suggested, described.samples)
        sealed = details.seal(self._ciphers.of(workspace_id))
        now = self._clock.now()
        one = Imported(import_id, stored.file_id, stored.size, stored.digest, False, 0, sealed, now)
        async with self._database.transaction(workspace_id) as tx:
            if await imports.count_since(tx, now - FILE_KEPT) >= MOST_FILES:
                raise Problem(409, "STATE_CONFLICT", f"{MOST_FILES} files are kept; delete an import first")
            added = await imports.add(tx, one)
            if added:
                await jobs.add(tx, import_id, KIND, told.name, now)
        return added

    async def _enqueue(self, workspace_id: UUID, import_id: UUID, mapping: Mapping, dry_run: bool) -> None:
        async with self._database.transaction(workspace_id) as tx:
            job, imported = await _locked(tx, import_id), await imports.get(tx, import_id)
            if imported is None:
                raise _unknown()
            if job.state in _AT_WORK or (job.state == "done" and not imported.dry_run):
                raise _not_now(job, "it runs, or has been loaded; upload the file again to load it once more")
            details = self._unsealed(workspace_id, imported)
            chosen = mapping.model_dump_json()
            # A load that was stopped goes on where it was, unless the rows now mean something else.
            goes_on = not (dry_run or imported.dry_run) and details.mapping == chosen
            if not goes_on:
                details.mapping = chosen
                details.outcomes = [] if dry_run else details.outcomes
                sealed = details.seal(self._ciphers.of(workspace_id))
                await imports.begin(tx, import_id, sealed, dry_run)
            await jobs.enqueue(tx, job, self._clock.now(), fresh=not goes_on)
        self._wake()

    async def _check(self, workspace_id: UUID, mapping: Mapping, layout: Layout) -> None:
        errors = list(wrong(mapping, layout))
        unscoped = [
            (at, one) for at, one in enumerate(mapping.columns) if one.to == "identifier" and not one.scope
        ]
        if unscoped and not errors:
            # Profile knows which types need one.
            asked = [pb.CheckedIdentifier(type=one.type, value="1") for _, one in unscoped]
            request = pb.CheckIdentifiersRequest(identifiers=asked)
            answer = await self._remote.call_for("profile", "CheckIdentifiers", request, workspace_id)
            errors = [
                FieldError(
                    pointer=f"/mapping/columns/{unscoped[one.index][0]}/scope",
                    reason=one.reason,
                    detail=one.detail,
                )
                for one in answer.refused
                if one.reason == "scope_missing"
            ]
        if errors:
            said = "; ".join(f"{one.pointer}: {one.reason}" for one in errors[:5])
            raise Problem(400, "MAPPING_INVALID", said, errors=errors)

    def _unsealed(self, workspace_id: UUID, imported: Imported) -> Details:
        return Details.unseal(self._ciphers.of(workspace_id), imported.sealed)


async def _locked(tx: Tx, import_id: UUID) -> Job:
    job = await jobs.lock(tx, import_id)
    if job is None or job.kind != KIND:
        raise _unknown()
    return job


def _unknown() -> Problem:
    return Problem(404, "NOT_FOUND", "there is no import of that id")


def _not_now(job: Job, detail: str) -> Problem:
    return Problem(409, "STATE_CONFLICT", f"the import is {job.state}: {detail}")
