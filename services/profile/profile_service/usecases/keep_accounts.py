"""Group calls → accounts with their traits, and who is of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chassis.clock import from_ms
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx

from profile_service.domain.calls import Call, Key
from profile_service.domain.declared import Declared
from profile_service.store import accounts
from profile_service.store.facts import StoredTraits
from profile_service.usecases.merge_traits import Statement, merged, stamp_of
from profile_service.usecases.settle_people import People


async def keep_accounts(
    tx: Tx,
    calls: Sequence[Call],
    keys: Mapping[str, list[Key]],
    people: People,
    cipher: WorkspaceCipher,
    declared: Declared,
    now: datetime,
) -> None:
    """`keys` are by message id."""
    joined = [(call, call.joined) for call in calls if call.joined is not None]
    if not joined:
        return
    said: dict[str, list[Statement]] = {}
    joins = []
    for call, account in joined:
        statement = Statement(stamp_of(call, declared), account.traits, account.held_traits)
        said.setdefault(account.account_id, []).append(statement)
        identity_id = people.own[call.message_id].identity_id
        joins.append(accounts.Join(identity_id, account.account_id, from_ms(call.at)))
    await state_accounts(tx, said, cipher, declared, now)
    await accounts.join(tx, joins)


async def state_accounts(
    tx: Tx,
    said: Mapping[str, Sequence[Statement]],
    cipher: WorkspaceCipher,
    declared: Declared,
    now: datetime,
) -> None:
    """Makes the accounts that there are not yet, and takes in what is said of each."""
    await accounts.begin(tx, said, now)
    changed: dict[str, StoredTraits] = {}
    for account_id, known in (await accounts.lock(tx, said)).items():
        after = merged(known, said[account_id], cipher, b"account" + account_id.encode(), declared)
        if after is not None:
            changed[account_id] = after.stored
    if changed:
        await accounts.update(tx, changed, now)
