"""Sets the rate limit of an account: a new dated row, the older ones stay."""

from datetime import datetime

from chassis.database import Tx
from chassis.errors import InvalidArgument

from dispatch_service.domain.messages import Account
from dispatch_service.ports import Providers
from dispatch_service.store import limiter

HIGHEST = 100_000


async def set_limit(
    tx: Tx, providers: Providers, account: Account, per_second: int, source: str, now: datetime
) -> None:
    """In force for slots taken from now on. Raises InvalidArgument naming the field."""
    if providers.of(account.channel, account.name) is None:
        raise InvalidArgument("there is no such account of this channel", field="limit.account")
    if not 1 <= per_second <= HIGHEST:
        raise InvalidArgument(f"per_second must be 1 to {HIGHEST}", field="limit.per_second")
    await limiter.set_limit(tx, account, per_second, source or "manual", now)
