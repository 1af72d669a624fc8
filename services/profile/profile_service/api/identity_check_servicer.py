"""waypost.profile.v1.IdentityCheckService."""

import asyncio
from dataclasses import asdict
from typing import Any

from chassis import context
from chassis.database import Database
from chassis.errors import StateConflict
from waypost.profile.v1 import identity_check_service_pb2 as pb
from waypost.profile.v1 import identity_check_service_pb2_grpc

from profile_service.store import resettling, settings_in_force

MOST_LINKS = 1_000_000
"""Two hundred bytes each: they have to fit beside what a process does else."""


class IdentityCheckServicer(identity_check_service_pb2_grpc.IdentityCheckServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database) -> None:
        self._database = database
        self._at_work = asyncio.Lock()

    async def CheckIdentities(
        self, _request: pb.CheckIdentitiesRequest, _context: Any
    ) -> pb.CheckIdentitiesResponse:
        # numpy takes 20 MB, which is not for a service that nobody asks this.
        from profile_service.usecases.check_people import check_people

        if self._at_work.locked():
            raise StateConflict("another check runs; ask again when it is done", state="checking")
        workspace_id = context.current().workspace_id
        async with self._at_work:
            async with self._database.transaction(workspace_id) as tx:
                if await resettling.more_links_than(tx, MOST_LINKS):
                    raise StateConflict(f"a check looks at {MOST_LINKS:,} links at most", state="too_large")
                settings, row = await settings_in_force.current(tx), await settings_in_force.row(tx)
            found = await check_people(self._database, workspace_id, settings)
        settled = row is None or row["settled_version"] == row["version"]
        return pb.CheckIdentitiesResponse(settled=settled, **asdict(found))
