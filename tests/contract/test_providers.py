"""What dispatch counts on in every way out, tried on each against the sandbox that speaks for the provider."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from chassis.clock import SystemClock
from chassis.ids import new_id
from dispatch_service.channels.kinds import CHANNELS
from dispatch_service.channels.registry import providers
from dispatch_service.domain.content import Content
from dispatch_service.domain.messages import Account, Contact
from dispatch_service.domain.sends import Send
from dispatch_service.domain.settlement import Receipt, Unaskable
from dispatch_service.mail.unsubscribe_links import UnsubscribeLinks
from dispatch_service.ports import CallbackRefused, NoAnswer, NotNow, Provider, Rejected, Taken, Unheard
from dispatch_service.settings import Settings

from tests.integration.dispatch.provider import DEADLINE_S, SECRET, Sandbox, running_sandbox
from tests.unit.dispatch._made import claimed

WORKSPACE = new_id()
GOOD = {"sms": "+8613800000001", "email": "ann@shop.example"}
BAD = {"sms": "+8610000000000", "email": "nobody@shop.example"}
Start = Callable[..., Any]


@pytest.fixture(scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(params=["sms", "email"])
async def provider(
    request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path
) -> AsyncIterator[Provider]:
    (tmp_path / "secret").write_text("ab" * 32)
    settings = Settings(
        postgres_url="postgresql://unused",
        service_secret_file=tmp_path / "secret",
        sandbox_url=sandbox.url,
        sandbox_secret=SECRET,
        smtp_host="127.0.0.1",
        smtp_port=sandbox.smtp_port,
        smtp_tls="none",
        smtp_from="hello@waypost.example",
        email_callback_secret=SECRET,
        call_timeout_s=DEADLINE_S,
    )
    registry = providers(settings, SystemClock(), UnsubscribeLinks("", ()))
    account = registry.route(request.param)
    assert account is not None
    found = registry.of(request.param, account)
    assert found is not None
    yield found
    async with sandbox.http.delete(f"{sandbox.url}/control"):
        await registry.close()


def account_of(provider: Provider) -> Account:
    return Account(WORKSPACE, provider.channel, provider.account)


def send_of(provider: Provider, number: int, address: str = "") -> Send:
    content = Content("hi", subject="s" if provider.channel == "email" else "")
    contact = Contact(b"k", address or GOOD[provider.channel])
    one = claimed(number, channel=provider.channel)
    return Send(replace(one, intention=replace(one.intention, message_id=UUID(int=number))), contact, content)


async def received(sandbox: Sandbox, provider: Provider, number: int) -> int:
    """How often the sandbox has the message."""
    name = str(UUID(int=number))
    if provider.channel == "sms":
        return sum(one["message_id"] == name for one in await sandbox.messages())
    return sum(name in one["message_id"] for one in await sandbox.mails())


async def test_it_is_known_by_its_channel_and_says_what_it_needs(provider: Provider) -> None:
    kind = CHANNELS[provider.channel]
    assert set(kind.label) == {"en", "zh"}
    for schema in (provider.config_schema, kind.template_schema):
        assert schema["type"] == "object"
        required, properties = schema["required"], schema["properties"]
        assert isinstance(required, list)
        assert isinstance(properties, dict)
        assert set(required) <= set(properties)
    assert provider.lines > 0
    assert provider.call_timeout.total_seconds() > 0


async def test_what_is_taken_is_there_once(provider: Provider, sandbox: Sandbox) -> None:
    result = await provider.send(account_of(provider), send_of(provider, 1))
    assert isinstance(result, Taken)
    assert result.provider_id
    assert await received(sandbox, provider, 1) == 1


async def test_not_now_is_not_never_and_neither_leaves_a_message(
    provider: Provider, sandbox: Sandbox
) -> None:
    bad = await provider.send(account_of(provider), send_of(provider, 2, BAD[provider.channel]))
    assert isinstance(bad, Rejected)
    await sandbox.control(refuse_rate=1)
    later = await provider.send(account_of(provider), send_of(provider, 3))
    assert isinstance(later, NotNow)
    assert [await received(sandbox, provider, n) for n in (2, 3)] == [0, 0]
    await sandbox.control(refuse_rate=0)
    assert isinstance(await provider.send(account_of(provider), send_of(provider, 3)), Taken)


async def test_a_lost_answer_is_never_taken_for_a_refusal(provider: Provider, sandbox: Sandbox) -> None:
    for number, fault, there in ((4, "timeout_after_accept", 1), (5, "timeout_before_accept", 0)):
        await sandbox.control(**{fault: 1})
        result = await provider.send(account_of(provider), send_of(provider, number))
        assert isinstance(result, NoAnswer)
        assert await received(sandbox, provider, number) == there
        # Who can be asked tells the truth; who cannot says so.
        found = await provider.look_up(account_of(provider), UUID(int=number))
        assert isinstance(found, Unaskable if provider.channel == "email" else Receipt if there else Unheard)


async def test_a_provider_that_is_not_there_has_nothing(provider: Provider, sandbox: Sandbox) -> None:
    await provider.close()
    await sandbox.end()
    try:
        result = await provider.send(account_of(provider), send_of(provider, 6))
        assert isinstance(result, NotNow)
        found = await provider.look_up(account_of(provider), UUID(int=6))
        assert isinstance(found, NoAnswer | Unaskable)
    finally:
        await sandbox.start()


async def test_a_callback_without_the_accounts_signature_is_refused(provider: Provider) -> None:
    for headers in ({}, {"x-sandbox-timestamp": "1", "x-waypost-timestamp": "é", "x-waypost-signature": "0"}):
        with pytest.raises(CallbackRefused):
            provider.parse_callback(account_of(provider), headers, b"{}")
