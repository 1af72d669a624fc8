"""waypost.profile.v1.CreditService."""

from typing import Any

from chassis import context
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid
from waypost.profile.v1 import credit_service_pb2 as pb
from waypost.profile.v1 import credit_service_pb2_grpc

from profile_service.api.confinement import is_shown, units_served
from profile_service.domain.credits import Use, Wanted
from profile_service.usecases.use_credits import use_credits

MOST_MESSAGES = 500
MOST_ID_CHARS = 200


class CreditServicer(credit_service_pb2_grpc.CreditServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def UseCredits(self, request: pb.UseCreditsRequest, _context: Any) -> pb.UseCreditsResponse:
        if len(request.wanted) > MOST_MESSAGES:
            raise InvalidArgument(f"at most {MOST_MESSAGES} messages a call", field="wanted")
        wanted = [_wanted(one) for one in request.wanted]

        async def work(tx: Tx) -> dict[str, Use]:
            if await units_served(tx) is not None:
                for one in wanted:
                    if not await is_shown(tx, one.person):
                        raise NotFound("no person has this id", kind="profile")
            return await use_credits(tx, wanted, self._clock.now())

        uses = await self._database.run(context.current().workspace_id, work)
        return pb.UseCreditsResponse(
            uses=[_use(one.message_id, uses.get(one.message_id)) for one in request.wanted]
        )


def _wanted(one: pb.CreditWanted) -> Wanted:
    if not 1 <= len(one.message_id) <= MOST_ID_CHARS:
        raise InvalidArgument(f"a message id has 1 to {MOST_ID_CHARS} characters", field="message_id")
    return Wanted(one.message_id, argument_uuid(one.profile_id, "profile_id"), one.app_id, one.template_id)


def _use(message_id: str, use: Use | None) -> pb.CreditUse:
    if use is None:
        return pb.CreditUse(message_id=message_id)
    return pb.CreditUse(message_id=message_id, grant_id=str(use.grant_id), identity_id=str(use.identity_id))
