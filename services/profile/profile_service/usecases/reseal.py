"""Seals again, with the workspace's newest key, what older ones sealed: in small steps that any replica goes on with."""

from typing import Any
from uuid import UUID

from chassis import logs
from chassis.clock import Clock
from chassis.crypto import Ciphers, SealError, WorkspaceCipher
from chassis.data_keys import AHEAD, DataKey, DataKeys
from chassis.database import Database, Tx
from chassis.errors import DataKeyUnknown
from chassis.lanes import LaneGate
from chassis.rounds import rounds

from profile_service import metrics
from profile_service.store import reseals
from profile_service.store.reseals import BUCKETS, Sealed
from profile_service.usecases.merge_traits import said_place

SEALED = (
    Sealed(
        "identifiers",
        "sealed_value",
        (("type", "text"), ("scope", "text"), ("value_key", "bytea")),
        lambda row: b"identifiers" + row["value_key"],
    ),
    Sealed(
        "identities",
        "sealed_traits",
        (("identity_id", "uuid"),),
        lambda row: b"traits" + row["identity_id"].bytes,
    ),
    Sealed(
        "contact_points",
        "sealed_address",
        (("identity_id", "uuid"), ("type", "text"), ("contact_key", "bytea")),
        lambda row: b"contact" + row["contact_key"],
    ),
    Sealed(
        "events",
        "sealed_properties",
        (("event_id", "uuid"),),
        lambda row: b"event" + row["event_id"].bytes,
    ),
    Sealed(
        "trait_statements",
        "sealed_traits",
        (("identity_id", "uuid"), ("said_at", "timestamptz"), ("message_id", "text")),
        lambda row: said_place(row["identity_id"], row["message_id"]),
    ),
    Sealed(
        "accounts",
        "sealed_traits",
        (("account_id", "text"),),
        lambda row: b"account" + row["account_id"].encode(),
    ),
)
"""Every sealed column that is kept for longer than a week, as dead letters are not, and may be written again, as proofs
of consents may not."""
STEPS = len(SEALED) * BUCKETS
EVERY_S = 60.0
_ROWS = 500
_BUCKETS_A_STEP = 32
_REST_S = 0.02


class Reseal:
    def __init__(
        self, database: Database, ciphers: Ciphers, data_keys: DataKeys, clock: Clock, gate: LaneGate
    ) -> None:
        self._database = database
        self._ciphers = ciphers
        self._data_keys = data_keys
        self._clock = clock
        self._gate = gate

    async def run(self) -> None:
        await rounds(self._gate, EVERY_S, self.pass_once, "resealing_waits", (DataKeyUnknown,))

    async def pass_once(self) -> None:
        """A step a transaction. A key is used once every process has sealed with it for a while."""
        newest: dict[UUID, DataKey] = {}
        for key in sorted(self._data_keys.all(), key=lambda k: (k.created_at, k.key_id)):
            if key.seals_from + AHEAD <= self._clock.now():
                newest[key.workspace_id] = key
        for key in newest.values():

            async def step(tx: Tx, key: DataKey = key) -> bool:
                return await self._step(tx, key)

            while not self._gate.closed and await self._database.run(key.workspace_id, step, keyed=True):
                await self._gate.sleep(_REST_S)

    async def _step(self, tx: Tx, key: DataKey) -> bool:
        """Whether there is more to do now."""
        known = await reseals.progress(tx, key.key_id)
        if known is None or known["key_id"] != key.key_id or known["ended_at"] is not None:
            return False
        at: int = known["step"]
        done = damaged = 0
        for _ in range(_BUCKETS_A_STEP):
            resealed, broken, ended = await self._bucket(tx, SEALED[at // BUCKETS], at % BUCKETS)
            done, damaged, at = done + resealed, damaged + broken, at + ended
            if at == STEPS or done >= _ROWS:
                break
        await reseals.note(tx, at, done, damaged, self._clock.now() if at == STEPS else None)
        metrics.RESEALED.inc(done)
        metrics.RESEAL_STEPS_LEFT.set(STEPS - at)
        return at < STEPS

    async def _bucket(self, tx: Tx, sealed: Sealed, bucket: int) -> tuple[int, int, bool]:
        """Rows sealed again, rows that cannot be opened, and whether the bucket is done."""
        cipher = self._ciphers.of(tx.workspace_id)
        rows = await reseals.under_old_keys(tx, sealed, bucket, cipher.sealed_by(), _ROWS)
        done, values = _resealed(rows, sealed, cipher)
        if done:
            await reseals.write(tx, sealed, bucket, done, values)
        # What cannot be opened comes again each time: with nothing else among it the bucket is done.
        ended = len(rows) < _ROWS or not done
        damaged = len(rows) - len(done) if ended else 0
        if damaged:
            logs.get().error("sealed_rows_damaged", table=sealed.table, bucket=bucket, rows=damaged)
        return len(done), damaged, ended


def _resealed(rows: list[Any], sealed: Sealed, cipher: WorkspaceCipher) -> tuple[list[Any], list[bytes]]:
    """The rows that could be opened, and what they hold from now on."""
    done, values = [], []
    for row in rows:
        place = sealed.place(row)
        try:
            plain = cipher.open(row["sealed"], place)
        except SealError:
            continue
        done.append(row)
        values.append(cipher.seal(plain, place))
    return done, values
