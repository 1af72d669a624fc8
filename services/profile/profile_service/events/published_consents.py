"""Entries of the ledgers of consents and credits → records of PROFILE."""

from datetime import datetime, timedelta

from chassis.ids import time_of
from consents import Scope
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import consent_pb2
from waypost.profile.v1 import profile_events_pb2 as pb

from profile_service.domain.identity import Member
from profile_service.store.credits import Grant
from profile_service.usecases.record_consents import Recorded

HISTORICAL = timedelta(hours=1)
"""Whatever was said longer ago starts nothing."""


def scope(of: Scope) -> consent_pb2.ConsentScope:
    return consent_pb2.ConsentScope(
        channel=of.channel, purpose=of.purpose, topic=of.topic, org_unit_id=of.org_unit_id
    )


def state(withdrawn: bool) -> consent_pb2.ConsentState:
    return consent_pb2.CONSENT_STATE_WITHDRAWN if withdrawn else consent_pb2.CONSENT_STATE_GRANTED


def subjects(recorded: Recorded) -> list[consent_pb2.SubjectState]:
    return [
        consent_pb2.SubjectState(
            channel=one.subject[0],
            subject=one.subject[1].hex(),
            purpose=one.purpose,
            withdrawn=bool(one.refusal),
            refusal=one.refusal,
            version=one.version,
        )
        for one in recorded.states
    ]


def stated(recorded: Recorded, now: datetime) -> bytes:
    entry = recorded.statement.entry
    fact = pb.ConsentStated(
        consent_id=str(entry.consent_id),
        scope=scope(entry.scope),
        state=state(entry.withdrawn),
        contact_key=entry.contact_key.hex(),
        legal_basis=entry.legal_basis,
        text_version=entry.text_version,
        source=entry.source,
        identity_ids=map(str, recorded.identity_ids),
        subjects=subjects(recorded),
        message_id=recorded.statement.message_id,
    )
    record = pb.ProfileRecord(
        meta=_meta(f"consent:{entry.consent_id}", time_of(entry.consent_id), now, entry.scope.org_unit_id),
        person=_person(recorded.person),
        consent=pb.ConsentChanged(stated=fact),
    )
    return bytes(record.SerializeToString())


def credited(grant: Grant, person: Member, now: datetime) -> bytes:
    fact = pb.CreditGranted(
        grant_id=str(grant.grant_id), app_id=grant.app_id, template_id=grant.template_id, count=grant.count
    )
    if grant.expires_at is not None:
        fact.expire_time.FromDatetime(grant.expires_at)
    record = pb.ProfileRecord(
        meta=_meta(f"credit:{grant.grant_id}", grant.granted_at, now, ""),
        person=_person(person),
        consent=pb.ConsentChanged(credit=fact),
    )
    return bytes(record.SerializeToString())


def _person(member: Member) -> record_pb2.PersonRef:
    return record_pb2.PersonRef(
        identity_id=str(member.identity_id),
        profile_id=str(member.profile_id),
        profile_no=member.profile_no,
        identity_version=member.version,
    )


def _meta(record_id: str, at: datetime, now: datetime, org_unit_id: str) -> record_pb2.RecordMeta:
    meta = record_pb2.RecordMeta(
        record_id=record_id, historical=now - at > HISTORICAL, org_unit_id=org_unit_id
    )
    meta.event_time.FromDatetime(at)
    meta.accept_time.FromDatetime(now)
    return meta
