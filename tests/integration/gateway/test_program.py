"""The gateway as a process: its commands, and leaving on SIGTERM."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
from chassis.database import Database


async def run(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway_service",
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_create_workspace_prints_one_line_and_refuses_a_second_of_that_name(databases: Any) -> None:
    database: Database = await databases("gateway")
    environment = {"GATEWAY_POSTGRES_URL": database._url}
    code, out, _ = await run(environment, "create-workspace", "--name", "demo")
    [line] = out.splitlines()
    created = json.loads(line)
    assert code == 0
    assert set(created) == {"workspace_id", "write_key", "secret_key"}
    assert re.fullmatch(r"wp_write_[A-Za-z0-9_-]{43}", created["write_key"])
    assert re.fullmatch(r"wp_secret_[A-Za-z0-9_-]{43}", created["secret_key"])
    code, out, err = await run(environment, "create-workspace", "--name", "demo")
    assert (code, out) == (1, "")
    assert "exists" in err


async def test_serves_until_sigterm(
    databases: Any, nats_url: str, tmp_path: Path, gateway_secrets: tuple[Path, Path]
) -> None:
    database: Database = await databases("gateway")
    keys, secret = gateway_secrets
    environment = {
        "GATEWAY_LEAVE_S": "2",
        "GATEWAY_LISTEN": "127.0.0.1:0",
        "GATEWAY_POSTGRES_URL": database._url,
        "WAYPOST_NATS_URL": nats_url,
        "WAYPOST_KEYS_FILE": str(keys),
        "WAYPOST_SERVICE_SECRET_FILE": str(secret),
    }
    code, _, err = await run(environment, "check")
    assert code == 0, err
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway_service",
        "serve",
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    async with asyncio.timeout(30):
        while "address" not in (line := json.loads(await process.stderr.readline())):
            pass
        async with aiohttp.ClientSession() as http:
            while True:
                async with http.get(f"http://{line['address']}/readyz") as answer:
                    if answer.status == 200:
                        break
                await asyncio.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.2)
            async with http.get(f"http://{line['address']}/readyz") as answer:
                assert answer.status == 503
        assert await process.wait() == 0
