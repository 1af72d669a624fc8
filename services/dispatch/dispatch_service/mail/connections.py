"""Open connections to one mail server: TLS and a log-in cost more than a mail."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

IDLE_S = 60.0
"""Servers close idle connections after minutes; one that was idle for longer is not tried."""
Tls = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    tls: Tls
    timeout_s: float
    """Of each command."""
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    """Certificates that sign the server's; empty: those of the system."""


class Connections:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._context = ssl.create_default_context(cafile=server.ca_file or None)
        self._idle: list[tuple[SMTP, float, bool]] = []
        """Each with the time since when, and whether a mail was refused half-way."""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[SMTP]:
        """A connection that expects MAIL. It is kept when the block ends well or with the server's refusal, and
        closed when nobody knows where it stands."""
        client = await self._kept() or await self._opened()
        refused = True
        try:
            yield client
            refused = False
        except SMTPResponseException:
            raise
        except BaseException:
            client.close()
            raise
        finally:
            if client.is_connected:
                self._idle.append((client, asyncio.get_running_loop().time(), refused))

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[0].close()

    async def _kept(self) -> SMTP | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            client, since, refused = self._idle.pop()
            if client.is_connected and now - since < IDLE_S and (not refused or await _began_anew(client)):
                return client
            client.close()
        return None

    async def _opened(self) -> SMTP:
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            timeout=server.timeout_s,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=self._context,
        )
        await client.connect()
        return client


async def _began_anew(client: SMTP) -> bool:
    """Only now: while the refusal was being handled, a server slow to answer this would have hidden it."""
    try:
        await client.rset()
    except (SMTPException, OSError):
        return False
    return True
