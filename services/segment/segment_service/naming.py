"""Ids of what this service publishes: a repeat of the same change has the same id."""

from uuid import UUID

from chassis.ids import derived_id

from segment_service.domain.membership import Change


def record_id_of(change: Change) -> UUID:
    """Names (segment, person, entered or left, the record that caused it)."""
    return derived_id(change.segment_id, str(change.person.identity_id), change.kind, change.cause.record_id)
