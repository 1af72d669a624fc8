"""SchemaService: what events must look like, what of them is personal, how long they are kept."""

from typing import Any

import msgspec
from chassis import context, workspace_lock
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.paging import Pages
from rules import fold
from waypost.profile.v1 import schema_service_pb2 as pb
from waypost.profile.v1 import schema_service_pb2_grpc

from profile_service.api import listing
from profile_service.api.changing import Response, change
from profile_service.domain.declared import Mode
from profile_service.domain.event_schemas import MOST_SCHEMAS, find_fault
from profile_service.domain.personal import CONTACT_KEYS, PERSONAL_KEYS
from profile_service.domain.retention import MOST_DAYS, OTHERS
from profile_service.folding import fold_json
from profile_service.store import event_schemas, retention
from profile_service.store.declared import Declarations
from profile_service.store.event_schemas import Policy

MODES: dict[int, Mode] = {
    pb.SCHEMA_MODE_ALLOW: "allow",
    pb.SCHEMA_MODE_WARN: "warn",
    pb.SCHEMA_MODE_BLOCK: "block",
}
_NUMBERS = {mode: number for number, mode in MODES.items()}


class SchemaServicer(schema_service_pb2_grpc.SchemaServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, pages: Pages, clock: Clock, declarations: Declarations) -> None:
        self._database = database
        self._pages = pages
        self._clock = clock
        self._declarations = declarations

    async def ListEventSchemas(
        self, request: pb.ListEventSchemasRequest, _context: Any
    ) -> pb.ListEventSchemasResponse:
        size, after = listing.asked(self._pages, request, "event_schemas")
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await event_schemas.page(tx, after or "", size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda row: row["event_name"], "event_schemas")
        return pb.ListEventSchemasResponse(schemas=map(_schema, page), next_page_token=token)

    async def SetEventSchema(
        self, request: pb.SetEventSchemaRequest, _context: Any
    ) -> pb.SetEventSchemaResponse:
        event = fold(request.schema.event)
        mode = _mode(request.schema.mode, "mode")
        unknown = _mode(request.schema.unknown, "unknown")
        schema = self._usable(request.schema.schema_json)

        async def work(tx: Tx) -> pb.SetEventSchemaResponse:
            await workspace_lock.take_alone(tx)
            if await event_schemas.count(tx, besides=event) >= MOST_SCHEMAS:
                raise InvalidArgument(f"a workspace declares at most {MOST_SCHEMAS} events", field="event")
            await event_schemas.put(tx, event, schema, mode, unknown)
            return pb.SetEventSchemaResponse(schema=request.schema)

        return await self._declared(request, pb.SetEventSchemaResponse, work)

    async def DeleteEventSchema(
        self, request: pb.DeleteEventSchemaRequest, _context: Any
    ) -> pb.DeleteEventSchemaResponse:
        async def work(tx: Tx) -> pb.DeleteEventSchemaResponse:
            if not await event_schemas.delete(tx, fold(request.event)):
                raise NotFound("this event has no schema", kind="event_schema")
            return pb.DeleteEventSchemaResponse()

        return await self._declared(request, pb.DeleteEventSchemaResponse, work)

    async def GetIngestionPolicy(
        self, _request: pb.GetIngestionPolicyRequest, _context: Any
    ) -> pb.GetIngestionPolicyResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            return pb.GetIngestionPolicyResponse(policy=_policy(await event_schemas.policy(tx)))

    async def SetIngestionPolicy(
        self, request: pb.SetIngestionPolicyRequest, _context: Any
    ) -> pb.SetIngestionPolicyResponse:
        asked = request.policy
        personal = sorted({fold(key).lower() for key in asked.personal_keys})
        allowed = sorted({key.lower() for key in asked.allowed_keys})
        for at, key in enumerate(asked.allowed_keys):
            if key.lower() in CONTACT_KEYS or key.lower() not in PERSONAL_KEYS:
                may = ", ".join(sorted(PERSONAL_KEYS - CONTACT_KEYS))
                raise InvalidArgument(f"keys that may be allowed are {may}", field=f"allowed_keys/{at}")
        policy = Policy(_mode(asked.undeclared, "undeclared"), personal, allowed)

        async def work(tx: Tx) -> pb.SetIngestionPolicyResponse:
            await event_schemas.put_policy(tx, policy)
            return pb.SetIngestionPolicyResponse(policy=_policy(policy))

        return await self._declared(request, pb.SetIngestionPolicyResponse, work)

    async def GetRetention(self, _request: pb.GetRetentionRequest, _context: Any) -> pb.GetRetentionResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            return pb.GetRetentionResponse(retention=_retention(await retention.rules(tx)))

    async def SetRetention(self, request: pb.SetRetentionRequest, _context: Any) -> pb.SetRetentionResponse:
        days = {OTHERS: request.retention.default_days}
        for at, one in enumerate(request.retention.events):
            event = fold(one.event)
            if event in days:
                raise InvalidArgument("an event is named once, and not empty", field=f"events/{at}/event")
            days[event] = one.days
        if not all(0 <= kept <= MOST_DAYS for kept in days.values()):
            raise InvalidArgument(f"days are 0, for ever, to {MOST_DAYS}", field="events")

        async def work(tx: Tx) -> pb.SetRetentionResponse:
            await workspace_lock.take_alone(tx)
            await retention.put_rules(tx, days, self._clock.now())
            return pb.SetRetentionResponse(retention=_retention(days))

        return await change(self._database, request, pb.SetRetentionResponse, work)

    def _usable(self, raw: bytes) -> Any:
        try:
            schema = msgspec.json.decode(fold_json(raw))
        except msgspec.MsgspecError as error:
            raise InvalidArgument("a schema is JSON", field="schema") from error
        if fault := find_fault(schema):
            raise InvalidArgument(fault.detail, pointer=f"/schema{fault.pointer}")
        try:
            self._declarations.compile(schema)
        except ValueError as error:
            # Stored, it would keep every batch of the workspace from being worked.
            raise InvalidArgument("this is no JSON Schema", field="schema") from error
        return schema

    async def _declared(self, request: Any, response_type: type[Response], work: Any) -> Response:
        response = await change(self._database, request, response_type, work)
        self._declarations.forget(context.current().workspace_id)
        return response


def _mode(number: int, field: str) -> Mode:
    mode = MODES.get(number)
    if mode is None:
        raise InvalidArgument(f"{field} is one of {', '.join(_NUMBERS)}", field=field)
    return mode


def _schema(row: Any) -> pb.EventSchema:
    return pb.EventSchema(
        event=row["event_name"],
        schema_json=msgspec.json.encode(row["schema"]),
        mode=_NUMBERS[row["mode"]],
        unknown=_NUMBERS[row["unknown"]],
    )


def _policy(policy: Policy) -> pb.IngestionPolicy:
    return pb.IngestionPolicy(
        undeclared=_NUMBERS[policy.undeclared],
        personal_keys=policy.personal_keys,
        allowed_keys=policy.allowed_keys,
    )


def _retention(days: dict[str, int]) -> pb.Retention:
    named = [pb.EventRetention(event=name, days=kept) for name, kept in sorted(days.items()) if name]
    return pb.Retention(default_days=days.get(OTHERS, 0), events=named)
