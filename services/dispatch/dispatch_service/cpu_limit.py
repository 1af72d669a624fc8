"""An end to work whose length somebody else decides, by processor time: a busy machine ends nothing early.

Works in the main thread, where Python handles signals, and for one piece of work at a time: it must not await.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(BaseException):
    """Not an Exception: what catches those on the way must not swallow it."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """OutOfTime within the block once the process has spent that much time in it. One call into C is waited for."""
    before = signal.signal(signal.SIGVTALRM, _raise)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _raise(_signal: int, _frame: FrameType | None) -> None:
    raise OutOfTime
