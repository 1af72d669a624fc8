"""Parses a template for the first time in a process of its own, and puts an end to it when it takes too long: the
limits of the language act while it renders, and its parser has looped for ever before (PYSEC-2026-3035).

Child processes are kept for the next text, so that a check costs a millisecond.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress

CHILDREN = 2
PATIENCE_S = 10.0
"""Wall clock. The child's own limit of processor time comes first, unless it sleeps or the machine is busy."""
TOO_LONG = "it takes too long or too much memory to read; make it simpler"


class TemplateChecks:
    def __init__(self) -> None:
        self.patience_s = PATIENCE_S
        self._free = asyncio.Semaphore(CHILDREN)
        self._idle: list[Process] = []

    async def problem(self, text: str) -> str:
        """Why this is no template; empty when it is one."""
        async with self._free:
            child = await self._child()
            answer = None
            try:
                answer = await self._ask(child, text)
            finally:
                if answer is None:
                    await _end(child)
                else:
                    self._idle.append(child)
        return TOO_LONG if answer is None else answer

    async def close(self) -> None:
        while self._idle:
            await _end(self._idle.pop())

    async def _child(self) -> Process:
        while self._idle:
            if (child := self._idle.pop()).returncode is None:
                return child
        return await _start()

    async def _ask(self, child: Process, text: str) -> str | None:
        """None: the child ended, or did not answer in time."""
        assert child.stdin
        assert child.stdout
        try:
            async with asyncio.timeout(self.patience_s):
                child.stdin.write(json.dumps(text).encode() + b"\n")
                await child.stdin.drain()
                line = await child.stdout.readline()
        except (TimeoutError, ConnectionError):
            return None
        answer: str | None = json.loads(line) if line.endswith(b"\n") else None
        return answer


async def _start() -> Process:
    # Isolated and without our environment: the child needs neither settings nor secrets.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "dispatch_service.template_check_child", stdin=PIPE, stdout=PIPE, env={}
    )


async def _end(child: Process) -> None:
    with suppress(ProcessLookupError):
        child.kill()
    await child.wait()
