"""The feed of changes, as a gRPC call."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis import context
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument
from chassis.paging import Pages
from waypost.profile.v1 import search_service_pb2 as pb

from profile_service.api.confinement import shown_among
from profile_service.queries import changes
from profile_service.store import identifiers

_PLACE = "changes"
_ROWS = 20
"""Read at once; each has what one transaction changed, of 500 people at most."""
Place = tuple[int, int, int]
"""Transaction, change, and how many of the row's items were given; 0 for all of them."""
Item = tuple[Place, Any, UUID, list[str], str]
"""Where the feed goes on behind it, its row, identity, what changed, cause."""


class ChangeCalls:
    _database: Database
    _pages: Pages

    async def ListChanges(self, request: pb.ListChangesRequest, _context: Any) -> pb.ListChangesResponse:
        size = self._pages.size(request.page_size, 100, 500)
        position = self._pages.position(request.page_token, _PLACE)
        async with self._database.transaction(context.current().workspace_id, keyed=True) as tx:
            known = await changes.horizon(tx)
            # After a restore transactions are counted from another number.
            dropped = known["dropped"] if known["dropped"] < known["ends"] else 0
            place: Place = msgspec.convert(position, Place) if position else (dropped, 0, 0)
            if not dropped - (place[2] == 0) < place[0] < known["ends"]:
                raise InvalidArgument(
                    "changes behind this place are no longer kept: read the present state, then begin without a cursor",
                    reason="CURSOR_EXPIRED",
                    field="after",
                )
            items, left = await _items(tx, place, size)
            found = await _render(tx, items)
        place = items[-1][0] if items else place
        return pb.ListChangesResponse(
            changes=found, next_page_token=self._pages.token(place, _PLACE), caught_up=not left
        )


async def _items(tx: Tx, place: Place, size: int) -> tuple[list[Item], bool]:
    """Up to `size` items behind the place, and whether there are more."""
    transaction, change, given = place
    rows = await changes.page(tx, (transaction, change - (given > 0)), _ROWS)
    items: list[Item] = []
    for row in rows:
        number = (row["transaction_no"], row["change_no"])
        told = msgspec.json.decode(row["items"], type=list[tuple[UUID, list[str], str]])
        start = given if number == (transaction, change) else 0
        for at, item in enumerate(told[start:], start + 1):
            if len(items) == size:
                return items, True
            items.append(((*number, at if at < len(told) else 0), row, *item))
    return items, len(rows) == _ROWS


async def _render(tx: Tx, items: Sequence[Item]) -> list[pb.ProfileChange]:
    members = await identifiers.current(tx, {identity_id for _, _, identity_id, _, _ in items})
    shown = await shown_among(tx, {m.profile_id for m in members.values()})
    found = []
    for _, row, identity_id, changed, cause in items:
        member = members.get(identity_id)
        if member is None or member.profile_id not in shown:
            continue
        one = pb.ProfileChange(
            profile_id=str(member.profile_id),
            identity_id=str(identity_id),
            version=row["change_no"],
            changed=changed,
            cause=cause,
        )
        one.change_time.FromDatetime(row["changed_at"])
        found.append(one)
    return found
