"""What the entries of the consent ledger amount to.

Of the entries of one identity that cover a question, the newest decides. Of the identities of a person, and of
everybody who shares a contact point, the most restrictive does: withdrawn before granted before unknown. So neither
the order in which entries arrive nor who turns out to be one person ever loosens what somebody withdrew.
"""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

PERSON = b""
"""Stands where a contact key would, in entries and questions about the person."""


class Scope(NamedTuple):
    """What is consented to. In an entry, an empty part stands for everything."""

    channel: str
    purpose: str
    topic: str = ""
    org_unit_id: str = ""

    def covers(self, asked: "Scope") -> bool:
        return all(mine in ("", theirs) for mine, theirs in zip(self, asked, strict=True))


class Entry(NamedTuple):
    """What somebody said once, as far as it decides."""

    consent_id: UUID
    """Its front is the moment when it was said, so the higher id is the newer entry."""
    identity_id: UUID
    contact_key: bytes
    scope: Scope
    withdrawn: bool
    source: str = ""


def deciding(
    own: Iterable[Entry], asked: Scope, contact_key: bytes = PERSON, others: Iterable[Entry] = ()
) -> Entry | None:
    """The entry that decides for a person at a contact point; None when nothing was said.

    `own` are entries of the person's identities, `others` of everybody who has the contact point: these can only
    withdraw.
    """
    mine = _newest(own, asked, contact_key)
    theirs = _newest(others, asked, contact_key)
    withdrawn = [entry for entry in (*mine, *theirs) if entry.withdrawn]
    return max(withdrawn or mine, default=None)


def _newest(entries: Iterable[Entry], asked: Scope, contact_key: bytes) -> list[Entry]:
    """The newest entry of each identity that covers the question."""
    found: dict[UUID, Entry] = {}
    for entry in entries:
        if entry.contact_key not in (PERSON, contact_key) or not entry.scope.covers(asked):
            continue
        other = found.get(entry.identity_id)
        if other is None or other.consent_id < entry.consent_id:
            found[entry.identity_id] = entry
    return list(found.values())
