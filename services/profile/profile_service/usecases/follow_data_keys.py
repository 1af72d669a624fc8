"""Learns the data keys that there are, gives one to workspaces without, and wraps them anew when the master key has
changed."""

from dataclasses import replace

from chassis import logs
from chassis.clock import Clock
from chassis.crypto import KeyProvider, SealError
from chassis.data_keys import LEARN_EVERY_S, DataKeys
from chassis.database import FAILURES, Database
from chassis.lanes import LaneGate

from profile_service.store import data_keys as table
from profile_service.store.numbers import workspaces
from profile_service.usecases.make_data_key import make_data_key

_WHOLE_EVERY = 60
"""Every so many rounds all keys are read again, since their wrapping may have changed."""


class FollowDataKeys:
    def __init__(
        self,
        database: Database,
        data_keys: DataKeys,
        provider: KeyProvider,
        clock: Clock,
        gate: LaneGate,
        *,
        for_all: bool = False,
    ) -> None:
        """`for_all`: workspaces without a data key get one."""
        self._database = database
        self._data_keys = data_keys
        self._provider = provider
        self._clock = clock
        self._gate = gate
        self._for_all = for_all

    async def run(self) -> None:
        rounds = 0
        while not self._gate.closed:
            try:
                await self.pass_once(whole=rounds % _WHOLE_EVERY == 0)
                rounds += 1
            except FAILURES as error:
                logs.get().warning("data_keys_wait", detail=type(error).__name__)
                await self._gate.sleep(0.3)
                continue
            await self._gate.sleep(LEARN_EVERY_S, self._data_keys.wanted)
            # Whoever meets an unknown key asks at once, and yet not all the time.
            if self._data_keys.wanted.is_set():
                self._data_keys.wanted.clear()
                await self._gate.sleep(0.2)

    async def pass_once(self, *, whole: bool = False) -> None:
        since = None if whole else self._data_keys.since()
        self._data_keys.learn(await table.made_since(self._database, since))
        if self._for_all:
            await self._give()
        if whole:
            await self._rewrap()

    async def _give(self) -> None:
        """Two replicas may give one each: the later seals, both open."""
        have = {key.workspace_id for key in self._data_keys.all()}
        for workspace_id in await workspaces(self._database):
            if workspace_id not in have:
                async with self._database.transaction(workspace_id) as tx:
                    key = await make_data_key(tx, self._provider, self._clock)
                self._data_keys.learn([key])

    async def _rewrap(self) -> None:
        active = self._provider.active_key_id()
        stale = [k for k in self._data_keys.all() if self._provider.wrapped_by(k.wrapped) != active]
        for key in stale:
            try:
                plain = self._provider.unwrap(key.workspace_id, key.key_id, key.wrapped)
            except SealError:
                logs.get().error("data_key_lost", key_id=str(key.key_id))
                continue
            fresh = replace(key, wrapped=self._provider.wrap(key.workspace_id, key.key_id, plain))
            await table.rewrap(self._database, [fresh])
            self._data_keys.learn([fresh])
