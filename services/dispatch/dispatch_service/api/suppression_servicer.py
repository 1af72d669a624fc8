"""waypost.dispatch.v1.SuppressionService: parse → store → render."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import context
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import new_id
from chassis.paging import Pages
from chassis.requests import once
from waypost.dispatch.v1 import suppression_service_pb2 as pb
from waypost.dispatch.v1 import suppression_service_pb2_grpc

from dispatch_service.channels.kinds import CHANNELS
from dispatch_service.store import suppressions
from dispatch_service.store.consent_states import SubjectState
from dispatch_service.usecases.suppress import Suppress

PAGE, LARGEST_PAGE = 50, 200
MOST_SUBJECTS = 1_000
MOST_NOTE_CHARS = 500
PURPOSES = ("", "marketing", "transactional")
REASONS = ("hard_bounce", "complaint", "legal", "manual")
"""Why somebody may close an address by hand, or bring it along closed from elsewhere."""
_KEY = re.compile(r"[0-9a-f]{32}")


class SuppressionServicer(suppression_service_pb2_grpc.SuppressionServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, clock: Clock, pages: Pages, suppress: Suppress) -> None:
        self._database = database
        self._clock = clock
        self._pages = pages
        self._suppress = suppress

    async def Suppress(self, request: pb.SuppressRequest, _: Any) -> pb.SuppressResponse:
        if len(request.subjects) > MOST_SUBJECTS:
            raise InvalidArgument(f"at most {MOST_SUBJECTS} subjects a call", field="subjects")
        states = [
            SubjectState(one.channel, _key(one.subject, "subjects"), one.purpose, one.refusal, one.version)
            for one in request.subjects
        ]
        await self._suppress(context.current().workspace_id, states)
        return pb.SuppressResponse()

    async def ListSuppressions(
        self, request: pb.ListSuppressionsRequest, _: Any
    ) -> pb.ListSuppressionsResponse:
        size = self._pages.size(request.page_size, PAGE, LARGEST_PAGE)
        place = ("suppressions", str(request.lifted))
        position = self._pages.position(request.page_token, *place)
        async with self._database.transaction(context.current().workspace_id) as tx:
            if request.lifted:
                rows = await suppressions.lifted(tx, UUID(position) if position else None, size + 1)
            else:
                before = _place(position) if position else None
                rows = await suppressions.in_force(tx, before, size + 1)
        token = ""
        if len(rows) > size:
            last = rows[size - 1]
            at = str(last["lift_id"]) if request.lifted else _position(last)
            token = self._pages.token(at, *place)
        return pb.ListSuppressionsResponse(
            suppressions=[_suppression(row) for row in rows[:size]], next_page_token=token
        )

    async def AddSuppression(self, request: pb.AddSuppressionRequest, _: Any) -> pb.AddSuppressionResponse:
        of = _address(request)
        if request.reason not in REASONS:
            raise InvalidArgument(f"reason is one of {', '.join(REASONS)}", field="reason")
        _check_note(request.note)
        tenant, now = context.current(), self._clock.now()

        async def work(tx: Tx) -> pb.AddSuppressionResponse:
            async def add() -> pb.AddSuppressionResponse:
                row = await suppressions.add(tx, *of, request.reason, request.note, tenant.actor, now)
                return pb.AddSuppressionResponse(suppression=_suppression(row))

            return await once(tx, request, pb.AddSuppressionResponse, add)

        return await self._database.run(tenant.workspace_id, work)

    async def LiftSuppression(self, request: pb.LiftSuppressionRequest, _: Any) -> pb.LiftSuppressionResponse:
        of = _address(request)
        _check_note(request.note)
        if not request.note.strip():
            raise InvalidArgument("say why the address is opened again", field="note")
        tenant, now = context.current(), self._clock.now()

        async def work(tx: Tx) -> pb.LiftSuppressionResponse:
            async def lift() -> pb.LiftSuppressionResponse:
                row = await suppressions.lift(tx, new_id(), *of, request.note, tenant.actor, now)
                if row is None:
                    raise NotFound(
                        "this address is not closed in that channel to that purpose", kind="suppression"
                    )
                return pb.LiftSuppressionResponse(suppression=_suppression(row))

            return await once(tx, request, pb.LiftSuppressionResponse, lift)

        return await self._database.run(tenant.workspace_id, work)


def _address(request: Any) -> tuple[str, bytes, str]:
    """Channel, contact key and purpose."""
    if request.channel not in CHANNELS:
        raise InvalidArgument(f"channel is one of {', '.join(CHANNELS)}", field="channel")
    if request.purpose not in PURPOSES:
        raise InvalidArgument("purpose is marketing, transactional, or empty for all", field="purpose")
    return request.channel, _key(request.contact_key, "contact_key"), request.purpose


def _key(text: str, field: str) -> bytes:
    if not _KEY.fullmatch(text):
        raise InvalidArgument("a contact key is 32 hexadecimal digits", field=field)
    return bytes.fromhex(text)


def _check_note(note: str) -> None:
    if len(note) > MOST_NOTE_CHARS:
        raise InvalidArgument(f"a note has at most {MOST_NOTE_CHARS} characters", field="note")


def _position(row: Any) -> list[str]:
    return [row["created_at"].isoformat(), row["channel"], row["contact_key"].hex(), row["purpose"]]


def _place(position: list[str]) -> suppressions.Place:
    at, channel, key, purpose = position
    return datetime.fromisoformat(at), channel, bytes.fromhex(key), purpose


def _suppression(row: Any) -> pb.Suppression:
    found = pb.Suppression(
        channel=row["channel"],
        contact_key=row["contact_key"].hex(),
        purpose=row["purpose"],
        reason=row["reason"],
        note=row["note"],
        message_id="" if row["message_id"] == suppressions.BY_HAND else str(row["message_id"]),
        closed_by=row["closed_by"],
    )
    found.create_time.FromDatetime(row["created_at"])
    if lifted_at := row.get("lifted_at"):
        found.lift_time.FromDatetime(lifted_at)
        found.lifted_by, found.lift_note = row["lifted_by"], row["lift_note"]
    return found
