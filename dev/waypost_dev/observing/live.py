"""The page of a running platform, once or again every second."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from waypost_dev import names
from waypost_dev.errors import DevError
from waypost_dev.observing.page import Processes, page
from waypost_dev.observing.reading import Between, Reading, read
from waypost_dev.observing.words import say
from waypost_dev.ports import Ports
from waypost_dev.state import Record

EVERY_S = 1.0
WIDE = 150


async def observe(home: Path, *, once: bool, lang: str) -> None:
    """DevError when nothing runs from `home`."""
    before = await read(_addresses(home))
    if not once:
        await _go_on(home, before, lang)
        return
    await asyncio.sleep(EVERY_S)
    processes, _ = await _look(home, before)
    # A pipe has no width of its own.
    Console(width=None if sys.stdout.isatty() else WIDE).print(page(processes, lang))


async def _go_on(home: Path, before: dict[str, Reading], lang: str) -> None:
    with Live(screen=True, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(EVERY_S)
            processes, before = await _look(home, before)
            live.update(Group(page(processes, lang), Text(say("keys", lang), "dim")), refresh=True)


async def _look(home: Path, before: dict[str, Reading]) -> tuple[Processes, dict[str, Reading]]:
    addresses = _addresses(home)
    after = await read(addresses)
    processes = {
        name: Between(before.get(name, after[name]), after[name]) if name in after else None
        for name in addresses
    }
    return processes, after


def _addresses(home: Path) -> dict[str, str]:
    """Of the programs that run now, replicas among them; those that died are not left out."""
    entries = [entry for entry in Record(home).entries() if names.base(entry.name) in names.WITH_DATABASE]
    if not any(entry.alive() for entry in entries):
        raise DevError(f"nothing runs from {home}", "start it with `make up`")
    ports = Ports(home / "ports.json")
    return {entry.name: f"127.0.0.1:{ports.known(names.metrics_of(entry.name)) or 0}" for entry in entries}
