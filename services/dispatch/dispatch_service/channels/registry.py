"""The one place that knows every provider; a new one is its file and its line here."""

from collections.abc import Mapping, Sequence

from chassis.clock import Clock

from dispatch_service.channels.sandbox_sms import SandboxSms
from dispatch_service.channels.smtp_email import SmtpEmail
from dispatch_service.mail.unsubscribe_links import UnsubscribeLinks
from dispatch_service.ports import Provider
from dispatch_service.settings import Settings


def providers(settings: Settings, clock: Clock, links: UnsubscribeLinks) -> "Registry":
    found: list[Provider] = []
    if settings.sandbox_url:
        found.append(SandboxSms(settings, clock))
    if settings.smtp_host:
        found.append(SmtpEmail(settings, clock, links))
    return Registry(found)


class Registry:
    def __init__(self, found: Sequence[Provider]) -> None:
        self._by_account: Mapping[tuple[str, str], Provider] = {(p.channel, p.account): p for p in found}

    def route(self, channel: str) -> str | None:
        return next((account for of, account in self._by_account if of == channel), None)

    def of(self, channel: str, account: str) -> Provider | None:
        return self._by_account.get((channel, account))

    def all(self) -> Sequence[Provider]:
        return list(self._by_account.values())

    async def close(self) -> None:
        for provider in self._by_account.values():
            await provider.close()
