"""E-mail through a mail server (SMTP submission). What comes back to the bounce address is posted as a callback."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from aiosmtplib import SMTPException, SMTPResponseException
from chassis.clock import Clock

from dispatch_service.channels.callback_signature import CallbackSignature
from dispatch_service.domain.messages import Account
from dispatch_service.domain.sends import Send
from dispatch_service.domain.settlement import Unaskable
from dispatch_service.mail.addresses import deliverable, mailbox
from dispatch_service.mail.compose import compose
from dispatch_service.mail.connections import Connections, Server
from dispatch_service.mail.dkim_signing import DkimSigner
from dispatch_service.mail.returned import closes, receipt_of, status_in
from dispatch_service.mail.unsubscribe_links import UnsubscribeLinks
from dispatch_service.ports import Callback, CallbackRefused, Found, NoAnswer, NotNow, Rejected, Result, Taken
from dispatch_service.settings import Settings

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=15)
"""A server that says "later" means minutes: greylisting takes five, a full mailbox hours."""
LONGEST_ANSWER = 200


class SmtpEmail:
    channel = "email"
    account = "smtp"
    config_schema: ClassVar[Mapping[str, object]] = {
        "type": "object",
        "properties": {
            "host": {"type": "string", "description": "The mail server that takes what is sent."},
            "port": {"type": "integer", "default": 587},
            "tls": {"enum": ["none", "starttls", "tls"], "default": "starttls"},
            "username": {"type": "string"},
            "password": {"type": "string", "writeOnly": True},
            "from": {"type": "string", "description": "`Name <address>` where a template names none."},
            "bounces": {"type": "string", "description": "The mailbox that reports come back to."},
        },
        "required": ["host", "from"],
    }

    def __init__(self, settings: Settings, clock: Clock, links: UnsubscribeLinks) -> None:
        """Raises ValueError naming the setting that is wrong."""
        sender = mailbox(settings.smtp_from)
        bounces = deliverable(settings.smtp_bounces) if settings.smtp_bounces else ""
        if sender is None:
            raise ValueError("DISPATCH_SMTP_FROM must be an address, or `Name <address>`")
        if bounces is None:
            raise ValueError("DISPATCH_SMTP_BOUNCES must be an address")
        self._sender, self._bounces = sender, bounces
        self._links = links
        self._clock = clock
        self._connections = Connections(
            Server(
                settings.smtp_host,
                settings.smtp_port,
                settings.smtp_tls,
                settings.smtp_timeout_s,
                settings.smtp_username,
                settings.smtp_password,
                settings.smtp_ca_file,
            )
        )
        self._dkim = None
        if settings.dkim_key:
            domain = settings.dkim_domain or sender.domain
            try:
                self._dkim = DkimSigner(domain, settings.dkim_selector, settings.dkim_key.encode())
            except ValueError as error:
                raise ValueError(f"DISPATCH_DKIM_KEY: {error}") from error
        secret = settings.email_callback_secret
        self._callbacks = CallbackSignature("x-waypost", secret, clock) if secret else None
        self.call_timeout = timedelta(seconds=settings.smtp_timeout_s)
        self.lines = settings.smtp_connections

    async def send(self, account: Account, send: Send) -> Result:
        to = deliverable(send.contact.address)
        if to is None:
            return Rejected("ADDRESS_INVALID")
        try:
            mail = self._composed(account, send, to)
        except ValueError:
            return Rejected("CONTENT_INVALID")
        connected = handed_over = False
        try:
            async with asyncio.timeout(self.call_timeout.total_seconds()), self._connections.one() as server:
                connected = True
                await server.mail(self._return_path(account))
                await server.rcpt(to)
                handed_over = True
                answer = await server.data(mail)
                return Taken(_one_line(answer.message)[:LONGEST_ANSWER])
        except SMTPResponseException as error:
            return _refusal(send, error, ours=not connected)
        except (SMTPException, TimeoutError, OSError) as error:
            # Once the mail is on its way, only the server's answer tells whether it has it.
            return NoAnswer(type(error).__name__) if handed_over else NotNow(type(error).__name__)

    async def look_up(self, account: Account, message_id: UUID) -> Found:
        return Unaskable()

    def parse_callback(self, account: Account, headers: Mapping[str, str], body: bytes) -> Callback:
        """`body` is one mail as it came to the bounce address. One that tells nothing yields no receipt."""
        if self._callbacks is None:
            raise CallbackRefused("DISPATCH_EMAIL_CALLBACK_SECRET is not set")
        self._callbacks.verify(f"{self.account}-{account.workspace_id}", headers, body)
        found = receipt_of(body)
        return Callback([found] if found else ())

    async def close(self) -> None:
        self._connections.close()

    def _composed(self, account: Account, send: Send, to: str) -> bytes:
        intention, now = send.claimed.intention, self._clock.now()
        link = ""
        if intention.purpose != "transactional":
            link = self._links.link(account.workspace_id, intention.message_id)
        mail = compose(send.content, self._sender, to, intention.message_id, link, now)
        return self._dkim.signed(mail, now) if self._dkim else mail

    def _return_path(self, account: Account) -> str:
        """Reports come back to a subaddress (RFC 5233) that names the workspace; without a mailbox for them, to
        whoever the mail is from."""
        local, _, domain = self._bounces.rpartition("@")
        return f"{local}+{account.workspace_id.hex}@{domain}" if local else self._sender.addr_spec


def _refusal(send: Send, error: SMTPResponseException, *, ours: bool) -> Result:
    """The server answered: whatever it said, it does not have the mail. `ours`: it did not let us in, which is no
    fault of the message."""
    status = status_in(_one_line(error.message))
    code = status or str(error.code)
    if error.code >= 500 and error.code != _LOG_IN_FIRST and not ours:
        return Rejected(code, closes(status))
    pause = min(FIRST_PAUSE * 2 ** min(send.claimed.number - 1, 10), LONGEST_PAUSE)
    return NotNow(code, pause)


_LOG_IN_FIRST = 530


def _one_line(text: Any) -> str:
    return " ".join(str(text).split())
