"""A new random data key of a workspace."""

import os

from chassis.clock import Clock
from chassis.crypto import KeyProvider
from chassis.data_keys import KEY_BYTES, DataKey
from chassis.database import Tx
from chassis.ids import new_id

from profile_service.store import data_keys


async def make_data_key(tx: Tx, provider: KeyProvider, clock: Clock) -> DataKey:
    """Stored wrapped, in the transaction's workspace."""
    key_id = new_id()
    wrapped = provider.wrap(tx.workspace_id, key_id, os.urandom(KEY_BYTES))
    key = DataKey(tx.workspace_id, key_id, wrapped, clock.now())
    await data_keys.add(tx, key)
    return key
