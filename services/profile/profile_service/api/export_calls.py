"""People for a file: a page, or those asked for."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import msgspec
from chassis import context
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument
from chassis.ids import argument_uuid
from chassis.paging import Pages
from waypost.profile.v1 import export_service_pb2 as pb
from waypost.profile.v1 import export_service_pb2_grpc, profile_service_pb2

from profile_service.api.servicer import _contact_points, _identifier, _traits
from profile_service.domain.traits import fold
from profile_service.queries import export, people

MOST_PEOPLE = 500
_PAGE = 200


class ExportServicer(export_service_pb2_grpc.ExportServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, ciphers: Ciphers, pages: Pages) -> None:
        self._database = database
        self._ciphers = ciphers
        self._pages = pages

    async def ExportProfiles(
        self, request: pb.ExportProfilesRequest, _context: Any
    ) -> pb.ExportProfilesResponse:
        if len(request.profile_ids) > MOST_PEOPLE:
            raise InvalidArgument(f"at most {MOST_PEOPLE} people a call", field="profile_ids")
        asked = [argument_uuid(one, "profile_ids") for one in request.profile_ids]
        size = self._pages.size(request.page_size, _PAGE, MOST_PEOPLE)
        after = self._pages.position(request.page_token, "export")
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        async with self._database.transaction(workspace_id, keyed=True) as tx:
            if asked:
                found = await export.people_of_today(tx, asked)
            else:
                found = await export.page(tx, UUID(after) if after else export.NOBODY, size)
            profiles = await _load(tx, found, cipher, request.in_full)
        more = not asked and len(found) == size
        token = self._pages.token(str(found[-1]), "export") if more else ""
        return pb.ExportProfilesResponse(profiles=profiles, next_page_token=token)


async def _load(
    tx: Tx, profile_ids: Sequence[UUID], cipher: WorkspaceCipher, in_full: bool
) -> list[profile_service_pb2.Profile]:
    if not profile_ids:
        return []
    rows = sorted(await export.identities_of(tx, profile_ids), key=itemgetter("profile_id"))
    people_by_identity = {row["identity_id"]: row["profile_id"] for row in rows}
    ids = list(people_by_identity)
    found = {
        profile_id: _profile(profile_id, list(own), cipher)
        for profile_id, own in groupby(rows, key=itemgetter("profile_id"))
    }
    for row in await people.identifiers_of(tx, ids):
        found[people_by_identity[row["identity_id"]]].identifiers.append(_shown(row, cipher, in_full))
    contacts: dict[UUID, list[Any]] = {}
    for row in await people.contacts_of(tx, ids):
        contacts.setdefault(people_by_identity[row["identity_id"]], []).append(row)
    for profile_id, addresses in contacts.items():
        points = _contact_points(addresses)
        if in_full:
            sealed = {row["contact_key"].hex(): row for row in addresses}
            for point in points:
                point.address = _address(sealed[point.contact_key], cipher)
        found[profile_id].contact_points.extend(points)
    return [found[profile_id] for profile_id in profile_ids if profile_id in found]


def _profile(profile_id: UUID, own: Sequence[Any], cipher: WorkspaceCipher) -> profile_service_pb2.Profile:
    profile = profile_service_pb2.Profile(
        profile_id=str(profile_id),
        profile_no=own[0]["profile_no"],
        traits_json=msgspec.json.encode(fold(_traits(row, cipher) for row in own)),
        version=max(row["version"] for row in own),
    )
    profile.create_time.FromDatetime(min(row["created_at"] for row in own))
    profile.update_time.FromDatetime(max(row["updated_at"] for row in own))
    return profile


def _shown(row: Any, cipher: WorkspaceCipher, in_full: bool) -> profile_service_pb2.ProfileIdentifier:
    found = _identifier(row, cipher)
    if in_full and row["sealed_value"]:
        found.value = cipher.open(row["sealed_value"], b"identifiers" + row["value_key"]).decode()
    return found


def _address(row: Any, cipher: WorkspaceCipher) -> str:
    return cipher.open(row["sealed_address"], b"contact" + row["contact_key"]).decode()
