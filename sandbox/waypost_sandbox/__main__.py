"""`python -m waypost_sandbox`."""

import asyncio
import os
import sqlite3
import sys

from waypost_sandbox import log
from waypost_sandbox.server import serve
from waypost_sandbox.settings import Settings, SettingsInvalid


def main() -> int:
    log.configure()
    try:
        settings = Settings.from_env(os.environ)
    except SettingsInvalid as error:
        log.line("error", reason=str(error))
        return 2
    try:
        return asyncio.run(serve(settings))
    except (OSError, sqlite3.Error) as error:
        log.line("error", error=error, reason="cannot start: address or data directory")
        return 1


if __name__ == "__main__":
    sys.exit(main())
