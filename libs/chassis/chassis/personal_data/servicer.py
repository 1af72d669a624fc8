"""waypost.common.v1.PersonalDataService, over a service's holdings."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from waypost.common.v1 import personal_data_pb2 as pb
from waypost.common.v1 import personal_data_pb2_grpc

from chassis import context
from chassis.clock import Clock
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument
from chassis.grpc_server import Servicer
from chassis.ids import argument_uuid
from chassis.paging import Pages
from chassis.parts import Parts
from chassis.personal_data import holdings, store
from chassis.personal_data.holdings import Holding
from chassis.personal_data.letters import Letters, of_these

PAGE, LARGEST_PAGE = 200, 500
MOST_IDENTITIES = 20_000


class PersonalDataServicer(personal_data_pb2_grpc.PersonalDataServiceServicer):  # type: ignore[misc]
    """`ciphers` for what is read of sealed rows."""

    def __init__(
        self,
        database: Database,
        pages: Pages,
        clock: Clock,
        held: Sequence[Holding],
        ciphers: Ciphers | None = None,
        letters: Letters = of_these,
    ) -> None:
        self._database = database
        self._pages = pages
        self._clock = clock
        self._held = held
        self._shown = [holding for holding in held if holding.read]
        self._ciphers = ciphers
        self._letters = letters

    async def ListPersonalData(
        self, request: pb.ListPersonalDataRequest, _: Any
    ) -> pb.ListPersonalDataResponse:
        workspace_id = context.current().workspace_id
        if not 1 <= len(request.identity_ids) <= MOST_IDENTITIES:
            raise InvalidArgument(f"1 to {MOST_IDENTITIES:,} identities", field="identity_ids")
        ids = sorted(argument_uuid(i, "identity_ids") for i in request.identity_ids)
        place = ("personal_data", str(len(ids)), str(ids[0]), str(ids[-1]))
        at, offset = self._pages.position(request.page_token, *place) or (0, 0)
        size = self._pages.size(request.page_size, PAGE, LARGEST_PAGE)
        cipher = self._ciphers.of(workspace_id) if self._ciphers else None
        found: list[pb.PersonalDataRow] = []
        async with self._database.transaction(workspace_id) as tx:
            while at < len(self._shown) and len(found) < size:
                holding, room = self._shown[at], size - len(found)
                rows = await holdings.page(tx, holding, ids, offset, room)
                found += [_row(holding, row, cipher) for row in rows]
                at, offset = (at, offset + len(rows)) if len(rows) == room else (at + 1, 0)
        more = at < len(self._shown)
        token = self._pages.token((at, offset), *place) if more else ""
        return pb.ListPersonalDataResponse(rows=found, next_page_token=token)

    async def FinishErasure(self, request: pb.FinishErasureRequest, _: Any) -> pb.FinishErasureResponse:
        erasure_id = argument_uuid(request.erasure_id, "erasure_id")

        async def work(tx: Tx) -> pb.FinishErasureResponse:
            known = await store.erasure(tx, erasure_id)
            if known is None:
                return pb.FinishErasureResponse()
            if known["finished_at"] is None and not await self._finish(
                tx, erasure_id, known, request.identity_count
            ):
                return pb.FinishErasureResponse()
            done = await store.erasure(tx, erasure_id)
            response = pb.FinishErasureResponse(erased=rows_of(done["erased"]))
            response.finish_time.FromDatetime(done["finished_at"])
            return response

        return await self._database.run(context.current().workspace_id, work)

    async def _finish(self, tx: Tx, erasure_id: UUID, known: Any, expected: int) -> bool:
        """Whether all is gone: once whatever began before the erasure was known has ended, nothing can come back."""
        ids = await store.identities(tx, erasure_id)
        if len(ids) < expected:
            return False
        if known["heard_at"] is None:
            await store.hear(tx, erasure_id)
            return False
        if await store.is_old_work_open(tx, known["heard_at"]) or await holdings.is_busy(tx, self._held, ids):
            return False
        counts = await holdings.erase(tx, self._held, ids)
        letters = await store.drop_letters(tx, await self._letters(tx, erasure_id, ids))
        await store.add(tx, erasure_id, {**counts, "dead_letters": letters})
        await holdings.unlink(tx, self._held, ids)
        await store.finish(tx, erasure_id, self._clock.now())
        return True


def rows_of(counts: dict[str, int]) -> list[pb.ErasedRows]:
    return [pb.ErasedRows(section=section, rows=rows) for section, rows in sorted(counts.items())]


def personal_data(
    parts: Parts,
    held: Sequence[Holding],
    ciphers: Ciphers | None = None,
    letters: Letters = of_these,
) -> Servicer:
    return Servicer(
        "waypost.common.v1.PersonalDataService",
        personal_data_pb2_grpc.add_PersonalDataServiceServicer_to_server,
        PersonalDataServicer(parts.database, parts.pages, parts.clock, held, ciphers, letters),
        {"ListPersonalData": "gateway", "FinishErasure": "gateway"},
    )


def _row(holding: Holding, row: Any, cipher: WorkspaceCipher | None) -> pb.PersonalDataRow:
    return pb.PersonalDataRow(
        section=holding.section, row_json=msgspec.json.encode(holding.render(row, cipher))
    )
