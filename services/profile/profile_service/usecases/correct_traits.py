"""A correction by hand: an identify call of its own, which wins over what was said before."""

from datetime import datetime
from uuid import UUID

import msgspec
from chassis.bus import Source
from chassis.clock import Clock, from_ms, to_ms
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Tx
from chassis.errors import InvalidArgument, NotFound, StateConflict
from chassis.handling import Batch
from chassis.outbox import Outgoing
from waypost.profile.v1 import ingest_pb2

from profile_service.domain.etag import etag_of
from profile_service.domain.identifiers import ParsePhone
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.events.read_ingest import read_call
from profile_service.queries import whole_people
from profile_service.store import facts, identifiers, settings_in_force
from profile_service.usecases.ingest_calls import IngestCalls
from profile_service.usecases.merge_traits import CORRECTION

MOST_TRAITS = 500
MOST_BYTES = 32_768
"""Of the traits as JSON, as of an event."""


class CorrectTraits:
    def __init__(self, ingest: IngestCalls, ciphers: Ciphers, clock: Clock, parse_phone: ParsePhone) -> None:
        self._ingest = ingest
        self._ciphers = ciphers
        self._clock = clock
        self._parse_phone = parse_phone

    async def __call__(
        self, tx: Tx, profile_id: UUID, traits_json: bytes, etag: str, message_id: str, source: Source
    ) -> list[Outgoing]:
        """Of a person of today; what follows for PROFILE. InvalidArgument with a pointer, StateConflict when the etag
        is no longer theirs."""
        named = _names(traits_json)
        members = await identifiers.members_of(tx, [profile_id])
        await facts.lock_traits(tx, [m.identity_id for m in members])
        rows = await whole_people.identities(tx, [profile_id])
        if not rows:
            raise NotFound("no person has this id", kind="profile")
        stamps = {r["identity_id"]: r["trait_times"] for r in rows}
        if etag and etag != etag_of((r["identity_id"], r["version"], r["trait_times"]) for r in rows):
            raise StateConflict("the person has changed meanwhile; read them again", reason="ETAG_MISMATCH")
        newest = max((s[n][0] for s in stamps.values() for n in named & s.keys()), default=0)
        at = from_ms(max(to_ms(self._clock.now()), newest + 1))
        cipher = self._ciphers.of(tx.workspace_id)
        settings = await settings_in_force.current(tx)
        record = await self._record(tx, list(stamps), cipher, traits_json, message_id, at, settings)
        for issue in read_call(record, self._parse_phone, settings).issues:
            pointer = "/" + issue.path.replace(".", "/")
            raise InvalidArgument(issue.detail, pointer=pointer, why=issue.reason)
        return await self._ingest.apply(tx, Batch(tx.workspace_id, source, [record]), None)

    async def _record(
        self,
        tx: Tx,
        identity_ids: list[UUID],
        cipher: WorkspaceCipher,
        traits_json: bytes,
        message_id: str,
        at: datetime,
        settings: IdentitySettings,
    ) -> bytes:
        """Said of the person's strongest identifier."""
        known = await whole_people.identifiers(tx, identity_ids)
        row = min(known, key=lambda r: settings.rank(r["type"]))
        value = row["value_key"]
        if row["sealed_value"]:
            value = cipher.open(row["sealed_value"], b"identifiers" + value)
        record = ingest_pb2.IngestRecord(
            kind=ingest_pb2.INGEST_KIND_IDENTIFY, source=CORRECTION, traits_json=traits_json
        )
        record.identifiers.add(type=row["type"], scope=row["scope"], value=value.decode())
        record.meta.record_id = message_id
        record.meta.event_time.FromDatetime(at)
        record.meta.accept_time.FromDatetime(at)
        return record.SerializeToString()


def _names(traits_json: bytes) -> set[str]:
    """The traits that are spoken of."""
    if len(traits_json) > MOST_BYTES:
        raise InvalidArgument(f"traits have at most {MOST_BYTES} bytes", field="traits")
    try:
        traits = msgspec.json.decode(traits_json, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        raise InvalidArgument("traits must be a JSON object", field="traits") from error
    if not 0 < len(traits) <= MOST_TRAITS:
        raise InvalidArgument(f"say 1 to {MOST_TRAITS} traits", field="traits")
    return set(traits)
