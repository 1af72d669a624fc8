"""People for a file: a page, or those asked for."""

from typing import Any
from uuid import UUID

from chassis import context
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.errors import InvalidArgument
from chassis.ids import argument_uuid
from chassis.paging import Pages
from waypost.profile.v1 import export_service_pb2 as pb
from waypost.profile.v1 import export_service_pb2_grpc

from profile_service.api.loading import load_people
from profile_service.queries import export

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
            people = await load_people(tx, found, cipher, in_full=request.in_full)
        more = not asked and len(found) == size
        token = self._pages.token(str(found[-1]), "export") if more else ""
        return pb.ExportProfilesResponse(
            profiles=[people[i] for i in found if i in people], next_page_token=token
        )
