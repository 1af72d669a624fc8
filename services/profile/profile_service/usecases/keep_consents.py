"""Calls that bring what their person agreed to → the ledger of consents."""

from collections.abc import Sequence
from datetime import datetime

from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from chassis.errors import DataError
from chassis.ids import timed_id
from consents import Scope
from waypost.profile.v1 import consent_pb2, ingest_pb2

from profile_service.domain.calls import Call
from profile_service.domain.consent_terms import problem
from profile_service.events import published_consents
from profile_service.store.consents import PLANNED_ANEW, PROOF, NewEntry
from profile_service.usecases.record_consents import Statement, record_consents
from profile_service.usecases.settle_people import People

_MARK = b"\xa2\x01"
"""How field 20, `consents`, begins. Nearly all calls bring none: events are not looked at, others not decoded for it."""


async def keep_consents(
    tx: Tx, calls: Sequence[Call], people: People, cipher: WorkspaceCipher, now: datetime
) -> list[bytes]:
    """What follows for PROFILE. A consent is of the identity that the call's addresses are of."""
    said = []
    for call in calls:
        if not call.event_name and _MARK in call.record:
            granted = ingest_pb2.IngestRecord.FromString(call.record).consents
            identity_id = people.subjects[call.message_id].identity_id
            said += [Statement(identity_id, _entry(call, n, one, cipher)) for n, one in enumerate(granted)]
    if not said:
        return []
    await tx.execute(PLANNED_ANEW)
    return [published_consents.stated(one, now) for one in await record_consents(tx, said, now)]


def _entry(call: Call, number: int, granted: ingest_pb2.GrantedConsent, cipher: WorkspaceCipher) -> NewEntry:
    """Calls that come again find their entry there."""
    consent_id = timed_id(call.at, call.message_id, "consent", str(number))
    scope = _scope(granted.scope)
    if wrong := problem(scope, withdrawn=False, legal_basis=granted.legal_basis):
        raise DataError("CONSENT_INVALID", wrong.detail)
    return NewEntry(
        consent_id=consent_id,
        contact_key=b"",
        scope=scope,
        withdrawn=False,
        legal_basis=granted.legal_basis,
        text_version=granted.text_version,
        source=call.source,
        sealed_proof=cipher.seal(granted.proof_json, PROOF + consent_id.bytes)
        if granted.proof_json
        else None,
        recorded_by="",
    )


def _scope(scope: consent_pb2.ConsentScope) -> Scope:
    return Scope(scope.channel, scope.purpose, scope.topic, scope.org_unit_id)
