"""Org units and staff, as gRPC calls. Who is confined to org units sees these and what is under them."""

from typing import Any

from chassis import context, workspace_lock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, StateConflict
from chassis.paging import Pages
from waypost.profile.v1 import directory_service_pb2 as pb

from profile_service.api import listing
from profile_service.api.changing import change
from profile_service.api.confinement import units_served
from profile_service.domain.org_units import KINDS, why_not_there
from profile_service.store import org_tree, staff


class OrgUnitCalls:
    _database: Database
    _pages: Pages

    async def ListOrgUnits(self, request: pb.ListOrgUnitsRequest, _context: Any) -> pb.ListOrgUnitsResponse:
        place = ("org_units", request.under)
        size, after = listing.asked(self._pages, request, *place)
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await org_tree.page(tx, await _asked_units(tx, request.under), after or "", size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda row: row["unit_id"], *place)
        units = [_unit(row) for row in page]
        return pb.ListOrgUnitsResponse(org_units=units, next_page_token=token)

    async def SetOrgUnit(self, request: pb.SetOrgUnitRequest, _context: Any) -> pb.SetOrgUnitResponse:
        unit = request.org_unit
        if unit.kind not in KINDS:
            raise InvalidArgument(f"kind is one of {', '.join(KINDS)}", field="kind")

        async def work(tx: Tx) -> pb.SetOrgUnitResponse:
            # Two moves at once could close a circle that neither sees.
            await workspace_lock.take_alone(tx)
            ancestors = await org_tree.ancestors(tx, unit.parent_id) if unit.parent_id else []
            if unit.parent_id and not ancestors:
                raise InvalidArgument("there is no org unit with this id", field="parent_id")
            height = await org_tree.height(tx, unit.org_unit_id)
            if why := why_not_there(unit.org_unit_id, ancestors, height):
                raise StateConflict(why, field="parent_id")
            await org_tree.put(tx, unit.org_unit_id, unit.parent_id, unit.name, unit.kind, unit.archived)
            return pb.SetOrgUnitResponse(org_unit=unit)

        return await change(self._database, request, pb.SetOrgUnitResponse, work)

    async def ListStaff(self, request: pb.ListStaffRequest, _context: Any) -> pb.ListStaffResponse:
        place = ("staff", request.org_unit_id)
        size, after = listing.asked(self._pages, request, *place)
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await staff.page(tx, await _asked_units(tx, request.org_unit_id), after or "", size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda row: row["staff_id"], *place)
        return pb.ListStaffResponse(
            staff=[pb.StaffMember(**dict(row)) for row in page], next_page_token=token
        )

    async def SetStaffMember(
        self, request: pb.SetStaffMemberRequest, _context: Any
    ) -> pb.SetStaffMemberResponse:
        member = request.staff_member

        async def work(tx: Tx) -> pb.SetStaffMemberResponse:
            await workspace_lock.take_alone(tx)
            if member.org_unit_id and not await org_tree.ancestors(tx, member.org_unit_id):
                raise InvalidArgument("there is no org unit with this id", field="org_unit_id")
            free = await staff.put(
                tx, member.staff_id, member.name, member.wecom_user_id, member.org_unit_id, member.active
            )
            if not free:
                raise StateConflict("another member of staff has this WeCom user id", field="wecom_user_id")
            return pb.SetStaffMemberResponse(staff_member=member)

        return await change(self._database, request, pb.SetStaffMemberResponse, work)


async def _asked_units(tx: Tx, under: str) -> list[str] | None:
    """The units to show: under the one asked for, as far as the caller may see; None for all."""
    served = await units_served(tx)
    if not under:
        return served
    asked = await org_tree.subtree(tx, [under])
    return asked if served is None else [unit for unit in asked if unit in set(served)]


def _unit(row: Any) -> pb.OrgUnit:
    return pb.OrgUnit(
        org_unit_id=row["unit_id"],
        parent_id=row["parent_id"],
        name=row["name"],
        kind=row["kind"],
        archived=row["archived"],
    )
