"""Relations between staff and customers, as gRPC calls."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from chassis import context
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid
from chassis.outbox import Outbox
from chassis.paging import Pages
from waypost.profile.v1 import directory_service_pb2 as pb

from profile_service.api import listing
from profile_service.api.changing import Response, change_and_tell
from profile_service.api.confinement import is_shown, units_served
from profile_service.api.keys import id_of
from profile_service.events.told_relations import relation_changed
from profile_service.queries import people
from profile_service.store import relations, staff
from profile_service.store.relations import End, Relation
from profile_service.usecases.keep_relations import (
    Done,
    add_relation,
    end_relation,
    transfer_all,
    transfer_relation,
)

ENDED_BY = ("staff", "customer", "system")


class RelationCalls:
    _database: Database
    _outbox: Outbox
    _pages: Pages
    _clock: Clock

    async def ListRelations(
        self, request: pb.ListRelationsRequest, _context: Any
    ) -> pb.ListRelationsResponse:
        if bool(request.profile_id) == bool(request.staff_id):
            raise InvalidArgument("name one of profile_id and staff_id", field="profile_id")
        place = ("relations", request.profile_id, request.staff_id, str(request.active_only))
        size, position = listing.asked(self._pages, request, *place)
        before = UUID(position) if position else None
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await self._page(tx, request, before, size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda row: str(row[0].relation_id), *place)
        return pb.ListRelationsResponse(relations=[_relation(*row) for row in page], next_page_token=token)

    async def _page(
        self, tx: Tx, request: pb.ListRelationsRequest, before: UUID | None, limit: int
    ) -> Sequence[tuple[Relation, UUID]]:
        if request.staff_id:
            member = await staff.get(tx, request.staff_id)
            units = await units_served(tx)
            if member is None or (units is not None and member["org_unit_id"] not in units):
                raise NotFound("there is no member of staff with this id", kind="staff")
            return await relations.page_of_staff(tx, request.staff_id, request.active_only, before, limit)
        profile_id = await _shown(tx, argument_uuid(request.profile_id, "profile_id"))
        ids = [row["identity_id"] for row in await people.identities(tx, profile_id)]
        rows = await relations.page_of_person(tx, ids, request.active_only, before, limit)
        return [(row, profile_id) for row in rows]

    async def AddRelation(self, request: pb.AddRelationRequest, _context: Any) -> pb.AddRelationResponse:
        asked = argument_uuid(request.profile_id, "profile_id")
        started = self._clock.now()
        if request.HasField("start_time"):
            started = request.start_time.ToDatetime(UTC)
            if started > self._clock.now():
                raise InvalidArgument("a relation cannot have begun in the future", field="since")

        async def work(tx: Tx) -> Done:
            await _check_served(tx, request.staff_id, "staff_id")
            return await add_relation(tx, asked, request.staff_id, request.kind, request.source, started)

        return await self._changed(request, asked, pb.AddRelationResponse, work)

    async def EndRelation(self, request: pb.EndRelationRequest, _context: Any) -> pb.EndRelationResponse:
        asked = argument_uuid(request.profile_id, "profile_id")
        relation_id = id_of(request.relation_id, "relation_id", "the list of the person's relations has it")
        if request.ended_by not in ENDED_BY:
            raise InvalidArgument(f"ended_by is one of {', '.join(ENDED_BY)}", field="ended_by")
        end = End(self._clock.now(), request.ended_by, request.reason)

        async def work(tx: Tx) -> Done:
            return await end_relation(tx, asked, relation_id, end)

        return await self._changed(request, asked, pb.EndRelationResponse, work)

    async def TransferRelation(
        self, request: pb.TransferRelationRequest, _context: Any
    ) -> pb.TransferRelationResponse:
        asked = argument_uuid(request.profile_id, "profile_id")
        relation_id = id_of(request.relation_id, "relation_id", "the list of the person's relations has it")
        now = self._clock.now()

        async def work(tx: Tx) -> Done:
            await _check_served(tx, request.to_staff_id, "to_staff_id")
            return await transfer_relation(tx, asked, relation_id, request.to_staff_id, request.reason, now)

        return await self._changed(request, asked, pb.TransferRelationResponse, work)

    async def TransferStaffRelations(
        self, request: pb.TransferStaffRelationsRequest, _context: Any
    ) -> pb.TransferStaffRelationsResponse:
        now = self._clock.now()

        async def work(tx: Tx) -> tuple[pb.TransferStaffRelationsResponse, list[bytes]]:
            done = await transfer_all(
                tx, request.staff_id, request.to_staff_id, request.kind, request.reason, now
            )
            response = pb.TransferStaffRelationsResponse(transferred=done.count, more=done.more)
            return response, [relation_changed(*one, now) for one in done.news]

        return await change_and_tell(
            self._database, self._outbox, request, pb.TransferStaffRelationsResponse, work
        )

    async def _changed(
        self,
        request: Any,
        asked: UUID,
        response_type: type[Response],
        work: Callable[[Tx], Awaitable[Done]],
    ) -> Response:
        async def run(tx: Tx) -> tuple[Response, list[bytes]]:
            profile_id = await _shown(tx, asked)
            done = await work(tx)
            assert done.relation is not None
            response = response_type(relation=_relation(done.relation, profile_id))
            now = self._clock.now()
            return response, [relation_changed(*one, now) for one in done.news]

        return await change_and_tell(self._database, self._outbox, request, response_type, run)


async def _check_served(tx: Tx, staff_id: str, field: str) -> None:
    """Who is confined to org units gives people to the staff of these."""
    units = await units_served(tx)
    if units is None:
        return
    member = await staff.get(tx, staff_id)
    if member is None or member["org_unit_id"] not in units:
        raise InvalidArgument("there is no active member of staff with this id", field=field)


async def _shown(tx: Tx, asked: UUID) -> UUID:
    """The person of today, if the caller may see them."""
    profile_id = await people.resolve(tx, asked)
    if profile_id is None or not await is_shown(tx, profile_id):
        raise NotFound("no person has this id", kind="profile")
    return profile_id


def _relation(relation: Relation, profile_id: UUID) -> pb.Relation:
    shown = pb.Relation(
        relation_id=str(relation.relation_id),
        staff_id=relation.staff_id,
        profile_id=str(profile_id),
        kind=relation.kind,
        source=relation.source,
        ended_by=relation.ended_by,
        end_reason=relation.end_reason,
        transferred_to=relation.transferred_to,
    )
    shown.start_time.FromDatetime(relation.started_at)
    if relation.ended_at is not None:
        shown.end_time.FromDatetime(relation.ended_at)
    return shown
