"""Work that comes round again and again beside everything else."""

from collections.abc import Awaitable, Callable

from chassis import logs
from chassis.database import FAILURES
from chassis.lanes import LaneGate


async def rounds(
    gate: LaneGate,
    every_s: float,
    work: Callable[[], Awaitable[object]],
    waits: str,
    also: tuple[type[Exception], ...] = (),
) -> None:
    """Runs until the gate closes. What fails for the database's sake, or with one of `also`, is logged as `waits` and
    tried again the next time."""
    while not gate.closed:
        try:
            await work()
        except (*FAILURES, *also) as error:
            logs.get().warning(waits, detail=type(error).__name__)
        await gate.sleep(every_s)
