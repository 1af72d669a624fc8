"""Follows profile's data keys. What was learnt is kept, so that a gateway that starts while profile is away knows it;
a key that it has not heard of yet seals nothing, and what it seals until then opens as well."""

import asyncio
import contextlib
from uuid import UUID

from chassis import metrics
from chassis.clock import from_ms
from chassis.data_keys import LEARN_EVERY_S, DataKey, DataKeys
from chassis.database import FAILURES
from chassis.errors import ServiceError
from waypost.profile.v1 import data_key_service_pb2 as pb

from gateway_service.problems import Problem
from gateway_service.remote import Remote
from gateway_service.store.data_keys import DataKeyStore

NOBODY = UUID(int=0)
"""The workspace of a call that is of none."""
RETRY_S = 1.0
_WHOLE_EVERY = 60


class FollowDataKeys:
    def __init__(self, data_keys: DataKeys, store: DataKeyStore, remote: Remote) -> None:
        self._data_keys = data_keys
        self._store = store
        self._remote = remote

    async def run(self) -> None:
        """For ever."""
        rounds = 0
        while True:
            metrics.beat("data_keys")
            pause = LEARN_EVERY_S
            try:
                if not self._data_keys.loaded:
                    self._data_keys.learn(await self._store.all())
                await self.fetch(whole=rounds % _WHOLE_EVERY == 0)
                rounds += 1
            except (ServiceError, Problem, *FAILURES):
                pause = RETRY_S
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._data_keys.wanted.wait(), pause)
                self._data_keys.wanted.clear()
                await asyncio.sleep(RETRY_S)

    async def fetch(self, *, whole: bool = False) -> None:
        """What profile has made since; all of it when `whole`, since a wrapping may have changed."""
        request = pb.FetchDataKeysRequest()
        since = None if whole else self._data_keys.since()
        if since is not None:
            request.since_time.FromDatetime(since)
        answer = await self._remote.call_for("profile", "FetchDataKeys", request, NOBODY)
        keys = [_key(one) for one in answer.data_keys]
        if keys:
            await self._store.keep(keys)
            self._data_keys.learn(keys)


def _key(one: pb.WrappedDataKey) -> DataKey:
    made = from_ms(one.create_time.ToMilliseconds())
    return DataKey(UUID(one.workspace_id), UUID(one.key_id), one.wrapped, made)
