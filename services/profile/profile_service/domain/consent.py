"""What the entries of the consent ledger amount to.

Of the entries of one identity that cover a question, the newest decides. Of the identities of a person, and of
everybody who shares a contact point, the most restrictive does: withdrawn before granted before unknown. So neither
the order in which entries arrive nor who turns out to be one person ever loosens what somebody withdrew.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

MARKETING, TRANSACTIONAL, PROFILING = "marketing", "transactional", "profiling"
MESSAGE_PURPOSES = (MARKETING, TRANSACTIONAL)
"""What messages are sent for."""
NEED_CONSENT = frozenset({MARKETING})
"""Purposes that a workspace may want a grant for."""
ADDRESS_TYPES: Mapping[str, str] = {"sms": "phone", "email": "email"}
"""Channel → type of the contact points that it writes to."""
OPT_OUTS = frozenset({"unsubscribed", "complaint"})
"""Sources that a refusal names: what recipients do with a message itself."""
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
    source: str


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


def refusal(decided: Entry | None, asked: Scope, required: bool) -> str:
    """Why nothing may be sent, empty when it may. `required`: the workspace wants a grant where one can be needed."""
    if decided is None:
        return "no_consent" if required and asked.purpose in NEED_CONSENT else ""
    if not decided.withdrawn:
        return ""
    return decided.source if decided.source in OPT_OUTS else "no_consent"


def channels_of(scope: Scope) -> tuple[str, ...]:
    """The channels with contact points that an entry of this scope covers."""
    return tuple(channel for channel in ADDRESS_TYPES if scope.channel in ("", channel))


def concerns_messages(scope: Scope) -> bool:
    """Whether an entry of this scope says anything about messages: these have no topic and no org unit."""
    return scope.purpose in ("", *MESSAGE_PURPOSES) and not scope.topic and not scope.org_unit_id


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
