"""Node and its SDKs: installed once into this checkout's cache, from the package.json beside this file."""

import asyncio
import shutil
from pathlib import Path

MANIFEST = Path(__file__).parent / "package.json"
HOME = Path(__file__).parents[3] / ".cache" / "node-sdks"
SECONDS = 120.0


async def install() -> Path:
    """The folder whose node_modules has the SDKs. No node is a failure and no skip: these clients are promised."""
    npm = shutil.which("npm") if shutil.which("node") else None
    assert npm, "the Node SDKs need node and npm (Debian: apt-get install nodejs npm, as .ci/run does)"
    installed = HOME / "package.json"
    if installed.exists() and installed.read_bytes() == MANIFEST.read_bytes():
        return HOME
    shutil.rmtree(HOME, ignore_errors=True)
    making = HOME.with_suffix(".new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    shutil.copy(MANIFEST, making)
    process = await asyncio.create_subprocess_exec(
        npm,
        *(
            "install",
            "--prefix",
            str(making),
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, out.decode()
    # Renamed when whole: a run that was stopped half-way leaves nothing that looks installed.
    making.rename(HOME)
    return HOME
