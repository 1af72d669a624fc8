"""People by many ways, and as of a moment, as gRPC calls."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis import context
from chassis.clock import to_ms
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid
from chassis.paging import Pages
from google.protobuf.message import Message
from waypost.profile.v1 import search_service_pb2 as pb
from waypost.profile.v1 import search_service_pb2_grpc
from waypost.profile.v1.profile_service_pb2 import IdentifierKey

from profile_service.api.change_calls import ChangeCalls
from profile_service.api.confinement import is_shown, shown_among, units_served
from profile_service.api.keys import key_of
from profile_service.api.loading import load_past, load_people
from profile_service.api.timeline_calls import TimelineCalls
from profile_service.domain.calls import Key
from profile_service.domain.identifiers import PERSONAL, ParsePhone
from profile_service.queries import found_people, people
from profile_service.queries.found_people import HIGHEST, Filter
from profile_service.store import identifiers
from profile_service.usecases.find_people import Wanted, find_by_address, find_people

MOST_PROFILES = 500
MOST_LOOKED_AT = 10_000
"""People that one call of a list looks at for those who fit."""
_STEP = 1_000


class SearchServicer(ChangeCalls, TimelineCalls, search_service_pb2_grpc.SearchServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, ciphers: Ciphers, pages: Pages, parse_phone: ParsePhone) -> None:
        self._database = database
        self._ciphers = ciphers
        self._pages = pages
        self._parse_phone = parse_phone

    async def BatchGetProfiles(
        self, request: pb.BatchGetProfilesRequest, _context: Any
    ) -> pb.BatchGetProfilesResponse:
        if len(request.profiles) > MOST_PROFILES:
            raise InvalidArgument(f"at most {MOST_PROFILES} people a call", field="profiles")
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        asked = [self._asked(one, cipher, f"profiles/{n}") for n, one in enumerate(request.profiles)]
        async with self._database.transaction(workspace_id, keyed=True) as tx:
            current = await _current(tx, asked)
            shown = list(await shown_among(tx, set(current.values())))
            found = await load_people(tx, shown, cipher)
        place = {profile_id: n for n, profile_id in enumerate(found)}
        return pb.BatchGetProfilesResponse(
            profiles=found.values(),
            positions=[place.get(current[one], -1) if one in current else -1 for one in asked],
        )

    async def GetProfileAsOf(
        self, request: pb.GetProfileAsOfRequest, _context: Any
    ) -> pb.GetProfileAsOfResponse:
        asked = argument_uuid(request.profile_id, "profile_id")
        at = _moment(request, "as_of_time")
        if at is None:
            raise InvalidArgument("say as of when", field="as_of")
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        async with self._database.transaction(workspace_id, keyed=True) as tx:
            profile_id = await people.resolve(tx, asked)
            past = None
            if profile_id is not None and await is_shown(tx, profile_id):
                past = await load_past(tx, profile_id, at, cipher)
        if past is None:
            raise NotFound("nothing was known of such a person then", kind="profile")
        return pb.GetProfileAsOfResponse(profile=past)

    async def ListProfiles(self, request: pb.ListProfilesRequest, _context: Any) -> pb.ListProfilesResponse:
        workspace_id = context.current().workspace_id
        async with self._database.transaction(workspace_id) as tx:
            units = await units_served(tx)
        wanted = Filter(
            _moment(request, "update_from_time"),
            _moment(request, "update_to_time"),
            request.identifier_type or None,
            request.org_unit_id or None,
            tuple(units) if units is not None else None,
        )
        created_from, created_to = _moment(request, "create_from_time"), _moment(request, "create_to_time")
        size = self._pages.size(request.page_size, 50, 200)
        bound_to = ("profiles", str((created_from, created_to, *wanted)))
        position = self._pages.position(request.page_token, *bound_to)
        above = _first_id(created_from) if created_from else UUID(int=0)
        below = UUID(position) if position else _first_id(created_to) if created_to else HIGHEST
        step = size if wanted == Filter() else _STEP
        fitting: list[UUID] = []
        async with self._database.transaction(workspace_id, keyed=True) as tx:
            for _ in range(0, MOST_LOOKED_AT, step):
                rows = await found_people.people(tx, wanted, above, below, step)
                for row in rows:
                    if len(fitting) == size:
                        break
                    below = row["profile_id"]
                    if row["fits"]:
                        fitting.append(below)
                if len(fitting) == size or len(rows) < step:
                    break
            found = await load_people(tx, fitting, self._ciphers.of(workspace_id))
        more = len(fitting) == size or len(rows) == step
        return pb.ListProfilesResponse(
            profiles=[found[p] for p in fitting],
            next_page_token=self._pages.token(str(below), *bound_to) if more else "",
        )

    async def SearchProfiles(
        self, request: pb.SearchProfilesRequest, _context: Any
    ) -> pb.SearchProfilesResponse:
        by = request.WhichOneof("by")
        if by is None:
            raise InvalidArgument("say a name or a part of a phone or e-mail", field="by")
        asked: str = getattr(request, by)
        size = self._pages.size(request.page_size, 20, 100)
        bound_to = ("search", by, asked)
        position = self._pages.position(request.page_token, *bound_to)
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        async with self._database.transaction(workspace_id, keyed=True) as tx:
            below = UUID(position) if position else HIGHEST
            if by in PERSONAL:
                address = key_of(IdentifierKey(type=by, value=asked), cipher, self._parse_phone, by)
                identity_ids, ends = await find_by_address(tx, address, below, size)
            else:
                identity_ids, ends = await find_people(tx, Wanted.of(by, asked), cipher, below, size)
            current = await identifiers.current(tx, identity_ids)
            profile_ids = dict.fromkeys(current[i].profile_id for i in identity_ids if i in current)
            shown = await shown_among(tx, profile_ids)
            found = await load_people(tx, list(shown), cipher)
        return pb.SearchProfilesResponse(
            profiles=[found[p] for p in profile_ids if p in found],
            next_page_token=self._pages.token(str(ends), *bound_to) if ends else "",
        )

    def _asked(self, one: pb.ProfileKey, cipher: WorkspaceCipher, field: str) -> UUID | Key:
        if one.WhichOneof("key") == "profile_id":
            return argument_uuid(one.profile_id, field)
        return key_of(one.identifier, cipher, self._parse_phone, field)


async def _current(tx: Tx, asked: list[UUID | Key]) -> dict[UUID | Key, UUID]:
    """The people of today; whoever is known by none is absent."""
    members = await identifiers.current(tx, {one for one in asked if isinstance(one, UUID)})
    keys = await identifiers.find(tx, {one for one in asked if not isinstance(one, UUID)})
    return {key: member.profile_id for key, member in (*members.items(), *keys.items())}


def _moment(request: Message, field: str) -> datetime | None:
    return getattr(request, field).ToDatetime(UTC) if request.HasField(field) else None


def _first_id(at: datetime) -> UUID:
    """The lowest id that is made at that moment or later: ids begin with theirs."""
    return UUID(int=max(0, to_ms(at)) << 80)
