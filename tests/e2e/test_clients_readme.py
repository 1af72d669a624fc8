"""The README's quick-start in Python, word for word, against the running platform."""

import asyncio
import os
import re
import sys
from pathlib import Path

from waypost_dev.stack import Stack

README = Path(__file__).parents[2] / "README.md"
SECONDS = 90.0


async def test_the_quick_start_of_the_readme_runs_as_it_stands(stack: Stack) -> None:
    [program] = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    keys = {name: stack.env[name] for name in ("WAYPOST_URL", "WAYPOST_WRITE_KEY", "WAYPOST_SECRET_KEY")}
    # -I: nothing of this checkout can be imported, the standard library has to do.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-W",
        "error",
        "-c",
        program,
        env={**os.environ, **keys, "no_proxy": "127.0.0.1"},
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
    assert process.returncode == 0, err.decode()
    first, again, person, members = out.decode().splitlines()
    assert first == again == "{'success': True, 'accepted': 2, 'rejected': []}"
    assert members == f"{person.split()[0]} 1"
    assert person.endswith(" 1"), "an event sent twice counts once"
