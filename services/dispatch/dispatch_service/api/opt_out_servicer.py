"""waypost.dispatch.v1.OptOutService."""

from typing import Any

from chassis import context
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument
from chassis.requests import once
from waypost.dispatch.v1 import opt_out_service_pb2 as pb
from waypost.dispatch.v1 import opt_out_service_pb2_grpc

from dispatch_service.domain.opt_out_words import Fault, read_words
from dispatch_service.store import opt_out_words
from dispatch_service.store.opt_out_words import OptOutWords


class OptOutServicer(opt_out_service_pb2_grpc.OptOutServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def GetOptOutWords(self, _request: pb.GetOptOutWordsRequest, _: Any) -> pb.GetOptOutWordsResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            return pb.GetOptOutWordsResponse(words=_words(await opt_out_words.in_force(tx)))

    async def SetOptOutWords(self, request: pb.SetOptOutWordsRequest, _: Any) -> pb.SetOptOutWordsResponse:
        words = read_words(request.words)
        if isinstance(words, Fault):
            raise InvalidArgument(words.detail, field=words.field)

        async def save(tx: Tx) -> pb.SetOptOutWordsResponse:
            if request.words:
                await opt_out_words.put(tx, words, self._clock.now())
            else:
                await opt_out_words.forget(tx)
            return pb.SetOptOutWordsResponse(words=_words(await opt_out_words.in_force(tx)))

        async def work(tx: Tx) -> pb.SetOptOutWordsResponse:
            return await once(tx, request, pb.SetOptOutWordsResponse, lambda: save(tx))

        return await self._database.run(context.current().workspace_id, work)


def _words(found: OptOutWords) -> pb.OptOutWords:
    words = pb.OptOutWords(words=sorted(found.words))
    if found.updated_at is not None:
        words.update_time.FromDatetime(found.updated_at)
    return words
