"""Gauges that nobody's work sets: how full, how late and how far behind this process is, looked at now and then."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from chassis import logs, metrics
from chassis.bus import Bus
from chassis.database import Database
from chassis.errors import DatabaseUnavailable

EVERY_S = 2.0
LAG_EVERY_S = 0.25

Sampler = Callable[[], Awaitable[None]]
"""Sets gauges of a service's own; may ask the service's database."""


class Sampling:
    def __init__(self, database: Database, bus: Bus, samplers: Sequence[Sampler] = ()) -> None:
        self._database = database
        self._bus = bus
        self._samplers = samplers

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_watch_loop())
            group.create_task(self._sample())

    async def _sample(self) -> None:
        while True:
            self._saturation()
            for sampler in self._samplers:
                try:
                    await sampler()
                except DatabaseUnavailable:
                    pass  # said by those who need it
                except Exception:  # noqa: BLE001 - nobody's work ends because it cannot be counted
                    logs.get().exception("sampling_failed")
            await asyncio.sleep(EVERY_S)

    def _saturation(self) -> None:
        metrics.POOL_IN_USE.set(self._database.in_use)
        metrics.POOL_SIZE.set(self._database.size)
        metrics.BROKER_CONNECTED.set(self._bus.connected)


async def _watch_loop() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        metrics.LOOP_LAG.observe(max(0.0, loop.time() - due))
