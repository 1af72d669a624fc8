"""The mail server: takes mail over SMTP as a relay does, and sends reports to the mailbox that the return path names.

A relay does not know repeats: a mail that comes twice is there twice, under the same Message-ID.
"""

import asyncio
import re
from collections import Counter
from uuid import UUID

from aiosmtpd.smtp import SMTP, Envelope, Session

from waypost_sandbox import reports
from waypost_sandbox.faults import Panel
from waypost_sandbox.mails import Mail, MailStore
from waypost_sandbox.messages import Destination, Refusal
from waypost_sandbox.receipts import Courier

LARGEST_MAIL = 1024 * 1024
NOBODY = "nobody"
"""The local part of a mailbox that no domain has."""
_WORKSPACE = re.compile(r"\+([0-9a-f]{32})@")
_ANSWERS = {
    "MAILBOX_UNKNOWN": "550 5.1.1 No such mailbox here",
    "MAINTENANCE": "451 4.3.2 The service is being maintained; try again",
    "RATE_LIMITED": "451 4.7.1 Too many mails in one second; try again",
    "QUOTA_EXHAUSTED": "552 5.2.2 The account has used up its quota",
}


class MailServer:
    def __init__(self, store: MailStore, panel: Panel, courier: Courier, callback_base: str) -> None:
        """`callback_base`: where the reader of the bounce mailbox posts what it finds; empty when nobody reads it."""
        self._store, self._panel, self._courier = store, panel, courier
        self._callback_base = callback_base.rstrip("/")
        self.refused: Counter[str] = Counter()

    async def listen(self, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            return SMTP(self, hostname="sandbox", data_size_limit=LARGEST_MAIL, loop=loop)

        return await loop.create_server(session, host, port)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.partition("@")[0].lower() == NOBODY:
            return self._refused("MAILBOX_UNKNOWN")
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        faults = self._panel.faults
        if faults.latency_ms:
            await asyncio.sleep(faults.latency_ms / 1_000)
        if self._panel.cut_before_accept():
            return _withheld(server)
        assert isinstance(envelope.content, bytes)
        mail = Mail.of(envelope.content, envelope.mail_from or "", envelope.rcpt_tos)
        refusal: Refusal | None = self._panel.maintenance(mail.message_id)
        refusal = refusal or await self._store.accept(mail, faults.rate_limit_per_s, faults.quota)
        if refusal:
            return self._refused(refusal.code)
        await self._report(mail)
        return (
            _withheld(server) if self._panel.cut_after_accept() else f"250 2.0.0 Queued as {mail.message_id}"
        )

    async def _report(self, mail: Mail) -> None:
        """What comes back of it: a bounce, a complaint of who got it, or, as mostly, nothing."""
        comeback = self._panel.faults.comeback(mail.message_id)
        reader = self._reader(mail)
        if comeback is not None and reader is not None:
            report = (reports.bounce if comeback.bounced else reports.complaint)(mail)
            self._courier.expect(reader, await self._store.expect_report(reader, report, comeback))

    def _reader(self, mail: Mail) -> Destination | None:
        """Reads the bounce mailbox, and knows the workspace by the subaddress."""
        workspace = _WORKSPACE.search(mail.return_path)
        if not workspace or not self._callback_base:
            return None
        name = UUID(hex=workspace[1])
        return Destination(f"{self._callback_base}/v1/callbacks/email/smtp.{name}", f"smtp-{name}", "reports")

    def _refused(self, code: str) -> str:
        self.refused[code] += 1
        return _ANSWERS[code]


def _withheld(server: SMTP) -> str:
    """Closes the connection; what is returned here reaches nobody."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
    return "421 4.3.2 Closing"
