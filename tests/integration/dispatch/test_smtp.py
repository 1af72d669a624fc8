"""The way to a mail server, with a server that does whatever a test says: TLS, log-in, and every place to fail."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from chassis.clock import SystemClock
from chassis.ids import new_id
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from dispatch_service.channels.smtp_email import LONGEST_PAUSE, SmtpEmail
from dispatch_service.domain.content import Content
from dispatch_service.domain.messages import Account, Contact
from dispatch_service.domain.sends import Send
from dispatch_service.mail.unsubscribe_links import UnsubscribeLinks
from dispatch_service.ports import NoAnswer, NotNow, Rejected, Result, Taken
from dispatch_service.settings import Settings
from pydantic import ValidationError

from tests.unit.dispatch._made import claimed
from tests.waiting import until

ACCOUNT = Account(new_id(), "email", "smtp")
SEND = Send(
    claimed(channel="email"),
    Contact(b"k", "ann@shop.example"),
    Content("hi", "<p>hi</p>", "s"),
)
CUT = "cut"
"""In place of an answer: the connection is closed."""


@dataclass
class Server:
    """Answers as told, command by command; the default is yes."""

    answers: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    mails: list[bytes] = field(default_factory=list)
    waits: asyncio.Event | None = None
    port: int = 0

    async def _answer(self, server: SMTP, command: str, yes: str) -> str:
        answer = self.answers.get(command, yes)
        if answer == CUT:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer

    async def handle_EHLO(self, server: Any, session: Any, _: Any, hostname: str, lines: list[str]) -> Any:
        self.connections += 1
        session.host_name = hostname
        return lines

    async def handle_MAIL(self, server: Any, _: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return await self._answer(server, "MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, _: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer(server, "RCPT", "250 OK")

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:
        if self.waits is not None:
            await self.waits.wait()
        self.mails.append(envelope.content)
        return await self._answer(server, "DATA", "250 2.0.0 Ok: queued as 4711")


@asynccontextmanager
async def listening(
    server: Server, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[Server]:
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(server, hostname="mx", loop=loop, **options)

    listener = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


@pytest.fixture
def provider(tmp_path: Path) -> Callable[..., SmtpEmail]:
    (tmp_path / "secret").write_text("ab" * 32)

    def make(server: Server, **change: Any) -> SmtpEmail:
        given = {"smtp_tls": "none", "smtp_timeout_s": 2.0, "smtp_from": "W <hello@waypost.example>"} | change
        settings = Settings(
            postgres_url="postgresql://unused",
            service_secret_file=tmp_path / "secret",
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            **given,
        )
        return SmtpEmail(settings, SystemClock(), UnsubscribeLinks("", ()))

    return make


Make = Callable[..., SmtpEmail]


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({}, Taken("2.0.0 Ok: queued as 4711")),
        ({"MAIL": "550 5.7.1 Not you"}, Rejected("5.7.1")),
        ({"MAIL": "530 5.7.0 Log in first"}, NotNow("5.7.0", timedelta(seconds=1))),
        ({"RCPT": "550 5.1.1 Nobody"}, Rejected("5.1.1", "hard_bounce")),
        ({"RCPT": "550 No such user"}, Rejected("550")),
        ({"RCPT": "450 4.2.0 Greylisted"}, NotNow("4.2.0", timedelta(seconds=1))),
        ({"DATA": "554 5.7.1 Spam"}, Rejected("5.7.1")),
        ({"DATA": "451 Try later"}, NotNow("451", timedelta(seconds=1))),
        ({"MAIL": CUT}, NotNow("SMTPServerDisconnected")),
        ({"RCPT": CUT}, NotNow("SMTPServerDisconnected")),
        ({"DATA": CUT}, NoAnswer("SMTPServerDisconnected")),
    ],
)
async def test_every_answer_is_taken_for_what_it_says(
    provider: Make, answers: dict[str, str], result: Result
) -> None:
    async with listening(Server(answers)) as server:
        way = provider(server)
        assert await way.send(ACCOUNT, SEND) == result
        server.answers = {}
        # Whatever happened, the next mail goes.
        assert isinstance(await way.send(ACCOUNT, SEND), Taken)
        await way.close()


async def test_a_server_that_does_not_answer_in_time_may_have_the_mail(provider: Make) -> None:
    async with listening(Server(waits=asyncio.Event())) as server:
        way = provider(server, smtp_timeout_s=0.3)
        result = await way.send(ACCOUNT, SEND)
        assert isinstance(result, NoAnswer)
        assert server.waits is not None
        server.waits.set()
        await way.close()
    assert isinstance(await way.send(ACCOUNT, SEND), NotNow)


async def test_connections_are_kept_and_mails_at_the_same_time_have_their_own(provider: Make) -> None:
    async with listening(Server()) as server:
        way = provider(server)
        for _ in range(5):
            assert isinstance(await way.send(ACCOUNT, SEND), Taken)
        assert server.connections == 1
        server.waits = asyncio.Event()
        sending = [asyncio.create_task(way.send(ACCOUNT, SEND)) for _ in range(3)]

        async def all_connected() -> bool:
            return server.connections == 3

        await until(all_connected, seconds=20)
        server.waits.set()
        assert all(isinstance(result, Taken) for result in await asyncio.gather(*sending))
        await way.close()


async def test_pauses_grow_to_what_a_greylisting_server_means_by_later(provider: Make) -> None:
    async with listening(Server({"RCPT": "450 4.2.0 Greylisted"})) as server:
        way = provider(server)
        pauses = []
        for attempt in (1, 2, 5, 40):
            result = await way.send(ACCOUNT, replace(SEND, claimed=claimed(1, attempt, channel="email")))
            assert isinstance(result, NotNow)
            assert result.pause is not None
            pauses.append(result.pause.total_seconds())
        await way.close()
    assert pauses == [1, 2, 16, LONGEST_PAUSE.total_seconds()]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_mail_and_password_travel_encrypted_to_a_server_that_proves_who_it_is(
    provider: Make, tmp_path: Path, tls: str
) -> None:
    pem = _certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    options: dict[str, Any] = {"auth_required": True, "authenticator": _ann, "auth_require_tls": False}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    log_in = {"smtp_username": "ann", "smtp_password": "secret", "smtp_tls": tls}
    async with listening(Server(), context if tls == "tls" else None, **options) as server:
        for change, expected in (
            ({"smtp_ca_file": str(pem)}, Taken),
            ({}, NotNow),  # nobody we trust signed its certificate
            ({"smtp_ca_file": str(pem), "smtp_password": "wrong"}, NotNow),
        ):
            way = provider(server, **(log_in | change))
            assert isinstance(await way.send(ACCOUNT, SEND), expected), change
            await way.close()
    assert len(server.mails) == 1


async def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for(provider: Make) -> None:
    async with listening(Server()) as server:
        assert isinstance(await provider(server, smtp_tls="starttls").send(ACCOUNT, SEND), NotNow)
    assert not server.mails


def test_settings_that_cannot_work_are_refused_by_name(provider: Make) -> None:
    for change, name in (
        ({"smtp_from": "nobody"}, "DISPATCH_SMTP_FROM"),
        ({"smtp_bounces": "x"}, "DISPATCH_SMTP_BOUNCES"),
        ({"smtp_username": "ann"}, "DISPATCH_SMTP_TLS"),
        ({"dkim_key": "x"}, "DISPATCH_DKIM_KEY"),
        ({"email_callback_secret": "x"}, "DISPATCH_EMAIL_CALLBACK_SECRET"),
        ({"unsubscribe_keys": "x"}, "DISPATCH_UNSUBSCRIBE_KEYS"),
    ):
        with pytest.raises((ValueError, ValidationError), match=name):
            provider(Server(), **change)


def _ann(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (b"ann", b"secret"))


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mx")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    file = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return file
