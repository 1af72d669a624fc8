"""What calls would do: the handler of INGEST takes them in a transaction that is taken back."""

import contextlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.bus import Source
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Database, Tx
from chassis.errors import DataError
from chassis.handling import Batch, Handler, Part, apply_halving
from google.protobuf.message import DecodeError

from profile_service.domain.calls import Key
from profile_service.domain.identifiers import Identifier, ParsePhone, Refused, normalise
from profile_service.domain.identity import Member
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.previews import Preview, Touched, previews
from profile_service.events.read_ingest import read_call
from profile_service.store import graph, identifiers
from profile_service.store.settings_in_force import SettingsInForce
from profile_service.usecases.keying import key_of

_SOURCE = Source("INGEST", "bulk", 0)


class PreviewCalls:
    def __init__(
        self,
        database: Database,
        ciphers: Ciphers,
        handler: Handler,
        settings: SettingsInForce,
        parse_phone: ParsePhone,
    ) -> None:
        """`handler` is the one behind INGEST."""
        self._database = database
        self._ciphers = ciphers
        self._handler = handler
        self._settings = settings
        self._parse_phone = parse_phone

    async def __call__(self, workspace_id: UUID, records: Sequence[bytes]) -> list[Preview]:
        """In the order of the records. Numbers drawn for new people are lost, nothing else stays."""
        batch = Batch(workspace_id, _SOURCE, records)
        part = Part(batch, await self._handler.prepare(batch))
        cipher = self._ciphers.of(workspace_id)
        found: list[Preview] = []

        async def work(tx: Tx) -> None:
            settings = await self._settings.of(tx)
            keys = [self._keys(record, cipher, settings) for record in records]
            every = {key for some in keys for key in some}
            before = await identifiers.find(tx, every)
            _, dead = await apply_halving(self._handler, tx, part)
            after = await identifiers.find(tx, every)
            reasons = {one.record: one.reason for one in dead}
            apart = await _why_apart(tx, keys, after)
            found[:] = previews(
                Touched(_people(some, before), _people(some, after), reasons.get(record, ""), why)
                for record, some, why in zip(records, keys, apart, strict=True)
            )
            raise _TakenBack

        with contextlib.suppress(_TakenBack):
            await self._database.run(workspace_id, work)
        return found

    async def check(self, workspace_id: UUID, claimed: Sequence[Identifier]) -> list[tuple[int, Refused]]:
        """Those that cannot be identifiers here, by their place."""
        async with self._database.transaction(workspace_id) as tx:
            settings = await self._settings.of(tx)
        found = [normalise(*one, self._parse_phone, settings) for one in claimed]
        return [(at, one) for at, one in enumerate(found) if isinstance(one, Refused)]

    def _keys(self, record: bytes, cipher: WorkspaceCipher, settings: IdentitySettings) -> list[Key]:
        try:
            call = read_call(record, self._parse_phone, settings)
            return [key_of(identifier, cipher) for identifier in call.identifiers]
        except (DataError, DecodeError):
            return []


class _TakenBack(Exception):
    """Ends the transaction without keeping anything."""


async def _why_apart(tx: Tx, keys: Sequence[Sequence[Key]], members: Mapping[Key, Member]) -> list[str]:
    """Of each call whose people are several the reason of a link that was refused; empty for others. Without such a
    link it is a device that is somebody else's."""
    several = [some if len(_people(some, members)) > 1 else [] for some in keys]
    named = [{members[key].identity_id for key in some if key in members} for some in several]
    stored = await graph.edges_of(tx, set().union(*named))
    refused = {pair: refusal.reason for pair, (_, _, refusal) in stored.items() if refusal is not None}
    return [
        min((why for pair, why in refused.items() if ids.issuperset(pair)), default="owned") if ids else ""
        for ids in named
    ]


def _people(keys: Sequence[Key], members: Mapping[Key, Member]) -> frozenset[UUID]:
    return frozenset(members[key].profile_id for key in keys if key in members)
