"""The whole platform on one machine: engines, databases, services, sandbox.

`Stack` is the composition root of the supervisor; the command line and the fault tests both use it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from types import TracebackType

from waypost_dev import keyfiles, names
from waypost_dev.engines import Engines
from waypost_dev.environment import Environment
from waypost_dev.errors import DevError
from waypost_dev.monitor import Monitor
from waypost_dev.ports import Ports
from waypost_dev.process import Child
from waypost_dev.proctable import identify
from waypost_dev.programs import Programs
from waypost_dev.state import FOREGROUND, Entry, HomeLock, Record, reap

READY_SECONDS = 90.0
STOP_SECONDS = 20.0


class Stack:
    """One stack per home directory. `start` and `stop` are idempotent; signals (`kill`, `pause`, `resume`) are
    immediate and need no await."""

    def __init__(
        self,
        home: Path,
        *,
        overrides: Mapping[str, Mapping[str, str]] | None = None,
        supervise: bool = False,
        kind: str = FOREGROUND,
        workspace: str = "demo",
        stop_seconds: float = STOP_SECONDS,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`overrides` adds environment variables per process name; `supervise` restarts what dies."""
        self.home = home.resolve()
        self.ports = Ports(self.home / "ports.json")
        self.engines = Engines(self.home, self.ports)
        self.environment = Environment(self.home, self.ports, self.engines)
        self._lock = HomeLock(self.home)
        self._record = Record(self.home)
        self._programs = Programs(self.home, self.ports, self.environment, overrides or {})
        self._supervise = supervise
        self._kind = kind
        self._workspace = workspace
        self._stop_seconds = stop_seconds
        self._say = say
        self._phase = "down"
        self._restarts: dict[str, int] = {}
        self._wanted_engines: set[str] = set()
        self._monitor: asyncio.Task[None] | None = None

    @classmethod
    def attach(cls, home: Path) -> Stack:
        """A view of a stack that another process runs: its addresses and settings, no power over it."""
        stack = cls(home)
        stack.ports.settle()
        stack.engines.attach()
        return stack

    @property
    def env(self) -> dict[str, str]:
        """All settings of all processes, and WAYPOST_URL, WAYPOST_WRITE_KEY … of the demo workspace."""
        return self.environment.everything()

    @property
    def url(self) -> str:
        return self.environment.gateway_url

    async def start(self, only: set[str] | None = None) -> None:
        """Start everything, or the named processes (services bring both engines along), and wait until ready."""
        chosen = set(names.ALL) if only is None else only
        names.check(chosen)
        if self._phase != "down":
            return
        self._lock.acquire(self._kind)
        self._phase = "starting"
        try:
            await self._bring_up(chosen)
        except BaseException:
            await asyncio.shield(self.stop())
            raise
        self._enter("ready")
        if self._supervise:
            monitor = Monitor(self._dead, self._revive, self._say)
            self._monitor = asyncio.create_task(monitor.run())

    async def stop(self, engines: str = "fast") -> None:
        """Callers first, engines last; each program gets its time to finish what it holds. `immediate` spares engines
        whose data will be removed the writing of it."""
        if self._phase == "down":
            return
        self._enter("stopping")
        if self._monitor:
            self._monitor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._monitor
            self._monitor = None
        for rank in names.LEAVING:
            leaving = [name for name in self._programs.table if names.base(name) in rank]
            await asyncio.gather(*(self._programs.stop(name, self._stop_seconds) for name in leaving))
        self._wanted_engines.clear()
        await self.engines.stop(engines)
        self._record.clear()
        self._phase = "down"
        self._lock.release()

    async def start_process(self, name: str) -> None:
        """Start one process again. Engines are ready on return; for a program, see `wait_ready`."""
        if name in names.ENGINES:
            await self.engines.start(name)
            self._wanted_engines.add(name)
        else:
            self._programs.spawn(name)
        self._save()

    async def start_replica(self, service: str, number: int) -> str:
        """Another process of a service, with its own port. Returns its name, `journey-2`."""
        if service not in names.PROGRAMS:
            raise DevError(f"{service} cannot have replicas", f"choose from {', '.join(names.PROGRAMS)}")
        name = f"{service}-{number}"
        await self.start_process(name)
        return name

    async def migrate(self, name: str) -> None:
        """Bring the database of a service, as this replica wants it, up to date; the others may go on meanwhile."""
        await self._programs.migrate(name)

    async def stop_process(self, name: str) -> None:
        """Stop one process in good order; it stays away, supervised or not."""
        if name in names.ENGINES:
            self._wanted_engines.discard(name)
            await self.engines.get(name).stop()
        else:
            await self._programs.stop(name, self._stop_seconds)
        self._save()

    async def restart(self, name: str) -> None:
        """Stop, start, and wait until ready."""
        await self.stop_process(name)
        await self.start_process(name)
        await self.wait_ready(name)

    async def wait_ready(self, name: str, seconds: float = READY_SECONDS) -> None:
        if name not in names.ENGINES:
            await self._programs.wait_ready(name, seconds)
            self._save()

    def kill(self, name: str) -> None:
        """SIGKILL to the process and all its children. Supervised, it comes back; otherwise `start_process` it."""
        self._child(name).kill()

    def pause(self, name: str) -> None:
        self._child(name).pause()

    def resume(self, name: str) -> None:
        self._child(name).resume()

    def pid(self, name: str) -> int:
        return self._child(name).pid

    def log(self, name: str) -> Path:
        return self._programs.log(name)

    def erase(self) -> None:
        """Remove the engines' data, wherever it had to be put. Only when stopped."""
        self.engines.erase()

    async def __aenter__(self) -> Stack:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _bring_up(self, chosen: set[str]) -> None:
        if left := await asyncio.to_thread(reap, self._record):
            self._say(f"stopped what an earlier run left behind: {', '.join(left)}")
        programs = [name for name in names.PROGRAMS if name in chosen]
        engines = [name for name in names.ENGINES if programs or name in chosen]
        for engine in engines:
            await self.start_process(engine)
            self._say(f"{engine} is ready")
        if "postgres" in engines:
            await self.environment.databases.prepare(names.WITH_DATABASE)
        owners = [name for name in programs if name in names.WITH_DATABASE]
        await _all_or_first_error(self._programs.migrate(name) for name in owners)
        if owners:
            self._say("databases are up to date")
        for name in programs:
            await self.start_process(name)
        await _all_or_first_error(self._announce(name) for name in programs)
        if "gateway" in programs:
            await self._ensure_workspace()

    async def _announce(self, name: str) -> None:
        await self.wait_ready(name)
        self._say(f"{name} is ready")

    async def _ensure_workspace(self) -> None:
        """The demo workspace is made once; later starts only refresh the URL, since the port may have moved."""
        file = self.environment.env_file
        values = keyfiles.read_env(file)
        if "WAYPOST_WRITE_KEY" not in values:
            made = await self._programs.create_workspace(self._workspace)
            values = {
                f"WAYPOST_{key.upper()}": made[key] for key in ("write_key", "secret_key", "workspace_id")
            }
        keyfiles.write_env(file, {**values, "WAYPOST_URL": self.url})

    def _child(self, name: str) -> Child:
        child = self.engines.child(name) if name in names.ENGINES else self._programs.get(name).child
        if child is None:
            raise DevError(f"{name} has not been started here", "start it first")
        return child

    def _dead(self) -> list[str]:
        engines = [name for name in self._wanted_engines if (c := self.engines.child(name)) and not c.running]
        table = self._programs.table.values()
        return engines or [program.name for program in table if program.wanted and not program.child.running]

    async def _revive(self, name: str) -> None:
        self._restarts[name] = self._restarts.get(name, 0) + 1
        await self.start_process(name)
        await self.wait_ready(name)

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._save()

    def _save(self) -> None:
        """Keep the record that `status` shows and the next start cleans up from."""
        children = [(name, self.engines.child(name), "ready") for name in names.ENGINES]
        children += [(name, program.child, program.state) for name, program in self._programs.table.items()]
        entries = [self._entry(name, child, state) for name, child, state in children if child]
        self._record.write(self._phase, [entry for entry in entries if entry])

    def _entry(self, name: str, child: Child, state: str) -> Entry | None:
        who = identify(child.pid) if child.running else None
        port = self.ports.known(name) or 0
        if who is None:
            return Entry(name, 0, port, "", "", time.time(), self._restarts.get(name, 0), "down")
        started = child.started_at
        return Entry(
            name, who.pid, port, who.started, who.command, started, self._restarts.get(name, 0), state
        )


async def _all_or_first_error(work: Iterable[Coroutine[None, None, None]]) -> None:
    """Run together; on the first failure cancel the rest, wait for them, and raise that failure as it is."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
