"""Takes in a provider's receipts, and what recipients reply."""

from collections.abc import Mapping
from uuid import UUID

from chassis.errors import NotFound, Unauthenticated
from chassis.ids import bucket_of

from dispatch_service.domain.messages import Account
from dispatch_service.domain.settlement import Event
from dispatch_service.ports import CallbackRefused, Providers
from dispatch_service.usecases.hear_replies import HearReplies
from dispatch_service.usecases.settle import Key, Settle, Settled


class RecordCallback:
    def __init__(self, providers: Providers, settle: Settle, hear_replies: HearReplies) -> None:
        self._providers = providers
        self._settle = settle
        self._hear_replies = hear_replies

    async def __call__(
        self, workspace_id: UUID, channel: str, account: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Settled, int, int]:
        """What was recorded, how many receipts name messages that are not known here, and how many replies opt out.
        Repeats change nothing."""
        name = account.removesuffix(f".{workspace_id}")
        provider = self._providers.of(channel, name)
        if provider is None:
            raise NotFound(
                f"there is no account {account} of channel {channel}",
                kind="account",
                id=f"{channel}/{account}",
            )
        try:
            callback = provider.parse_callback(Account(workspace_id, channel, name), headers, body)
        except CallbackRefused as error:
            raise Unauthenticated(f"the callback is refused: {error}", reason="SIGNATURE_INVALID") from error
        happened: dict[Key, Event] = {}
        strangers = 0
        for text, receipt in callback.receipts:
            try:
                message_id = UUID(text)
            except ValueError:
                strangers += 1
                continue
            happened.setdefault((bucket_of(message_id), message_id, 0), receipt)
        settled = await self._settle(workspace_id, list(happened.items()))
        opted_out = await self._hear_replies(workspace_id, channel, callback.replies)
        return settled, strangers + len(happened) - settled.known, opted_out
