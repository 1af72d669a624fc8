"""What the use cases need from the world outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol
from uuid import UUID

from dispatch_service.domain.content import Content
from dispatch_service.domain.messages import Account, Contact, Intention, Scope
from dispatch_service.domain.sends import Rendered, Send
from dispatch_service.domain.settlement import Receipt, Unaskable


class Unavailable(Exception):
    """Another service did not answer within its deadline."""


class Contacts(Protocol):
    async def of(
        self, workspace_id: UUID, channel: str, asked: Collection[tuple[UUID, Scope]]
    ) -> Mapping[UUID, Contact]:
        """Addresses of whoever these identities are today, with what consent says of what is asked of each; one without
        an address is missing. At most 500 identities. Raises Unavailable."""
        ...


class ContactKeys(Protocol):
    async def of(self, workspace_id: UUID, channel: str, address: str) -> bytes | None:
        """The blind index of an address; None when it is none. Raises ServiceError."""
        ...


class Runs(Protocol):
    async def forbidden(self, workspace_id: UUID, intentions: Sequence[Intention]) -> Mapping[UUID, str]:
        """Message id → why its run does not want it sent any more. At most 500. Raises Unavailable."""
        ...


class TemplateCheck(Protocol):
    async def problem(self, source: str) -> str:
        """Why this is no template; empty when it is one. Always answers, whatever the text does to its parser."""
        ...


class Renderer(Protocol):
    def render(self, content: Content, intention: Intention) -> Rendered: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has the message."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider will not take this message, however often it is asked."""

    code: str
    closes: str = ""
    """Why it will take no message for this address; empty when it may take others."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """Certainly not taken; may be called again, after `pause` if the provider said so."""

    code: str
    pause: timedelta | None = None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The call may have arrived."""

    code: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """A look-up by our id found that the provider never had the message."""


Result = Taken | Rejected | NotNow | NoAnswer
Found = Receipt | Unheard | Unaskable | NoAnswer


@dataclass(frozen=True, slots=True)
class Reply:
    """What a recipient wrote back."""

    address: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Callback:
    """What a provider posts."""

    receipts: Sequence[tuple[str, Receipt]] = ()
    """(message id as the provider says it, receipt)."""
    replies: Sequence[Reply] = ()


class CallbackRefused(Exception):
    """The callback is not signed by the account, or cannot be read."""


class Channel(Protocol):
    """A kind of message; a file in `channels/` each."""

    name: ClassVar[str]
    label: ClassVar[Mapping[str, str]]
    """Language → name."""
    address_type: ClassVar[str]
    """Type of the contact point that it writes to."""
    template_schema: ClassVar[Mapping[str, object]]
    """JSON Schema of what its templates hold beside name and channel."""

    def problem(self, content: Content) -> tuple[str, str]:
        """(field, what is wrong with it, and what would be right) of a template; twice empty when it is sound."""
        ...


class Provider(Protocol):
    """One way out of one channel; a file in `channels/` each. Never raises for what the provider does."""

    channel: str
    account: str
    """The account's name in messages, limits and callback addresses."""
    config_schema: ClassVar[Mapping[str, object]]
    """JSON Schema of its settings."""
    call_timeout: timedelta
    """After this a call has ended."""
    lines: int
    """Calls that may be under way at the same time."""

    async def send(self, account: Account, send: Send) -> Result:
        """One provider call, ended after the call time-out."""
        ...

    async def look_up(self, account: Account, message_id: UUID) -> Found: ...

    def parse_callback(self, account: Account, headers: Mapping[str, str], body: bytes) -> Callback:
        """Raises CallbackRefused."""
        ...

    async def close(self) -> None: ...


class Providers(Protocol):
    """The registry of ways out."""

    def route(self, channel: str) -> str | None:
        """The account that carries a channel's messages; None when nothing does."""
        ...

    def of(self, channel: str, account: str) -> Provider | None: ...

    def all(self) -> Sequence[Provider]: ...
