"""The SDKs as programs of their own, and what each of them is expected to have stored."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PROGRAMS = Path(__file__).parent
SECONDS = 60.0


@dataclass(frozen=True)
class Sdk:
    vendor: str
    command: tuple[str, ...]
    gzip: bool

    def __str__(self) -> str:
        return f"{self.vendor}-{Path(self.command[-1]).stem}{'-gzip' if self.gzip else ''}"


@dataclass(frozen=True)
class Spoken:
    """How a run ended: ids of the calls it made, in order, and the SDK's complaints if it lost some."""

    message_ids: list[str]
    failure: str


_PYTHON = (sys.executable, str(PROGRAMS / "python_sdk.py"))
SDKS = [Sdk(vendor, _PYTHON, gzip) for vendor in ("segment", "rudderstack") for gzip in (False, True)]


async def speak(sdk: Sdk, url: str, write_key: str, user: str, happened: datetime) -> Spoken:
    """One call of each kind about the user, dated `happened`, flushed: identify, track, page, screen, group, alias."""
    environment = {
        **os.environ,
        "WAYPOST_URL": url,
        "WAYPOST_WRITE_KEY": write_key,
        "GZIP": "yes" if sdk.gzip else "no",
        "no_proxy": "127.0.0.1",
    }
    process = await asyncio.create_subprocess_exec(
        *sdk.command,
        sdk.vendor,
        user,
        happened.isoformat(),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    complaints = err.decode()
    return Spoken(json.loads(out), complaints if process.returncode else "")
