"""Which claimed messages go out, which wait, which never will."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from dispatch_service.domain.content import Content
from dispatch_service.domain.messages import Claimed, Contact, Intention

FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=30)


SILENCE = Content()


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a message says, or why it says nothing: `template_unknown`, `template_failed`."""

    content: Content = SILENCE
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What other services said about the whole batch; None where they did not answer in time."""

    contacts: Mapping[UUID, Contact] | None
    """By the identity that caused the message, with consent; one whose person has no address is missing."""
    verdicts: Mapping[UUID, str] | None
    """By message id: why its run forbids it, empty when it does not."""
    rendered: Mapping[UUID, Rendered]
    """By message id."""


@dataclass(frozen=True, slots=True)
class Send:
    claimed: Claimed
    contact: Contact
    content: Content


@dataclass(frozen=True, slots=True)
class Refusal:
    claimed: Claimed
    reason: str


@dataclass(frozen=True, slots=True)
class Deferral:
    claimed: Claimed
    reason: str
    not_before: datetime


@dataclass(frozen=True, slots=True)
class SendPlan:
    sends: list[Send] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    deferrals: list[Deferral] = field(default_factory=list)


def plan_sends(claimed: Sequence[Claimed], facts: Facts, now: datetime) -> SendPlan:
    """Every message lands in exactly one list. A refusal that is certain does not wait for a fact that is missing."""
    plan = SendPlan()
    for one in claimed:
        refusal = _refusal(one.intention, facts, now)
        missing = _missing(one.intention, facts)
        if refusal:
            plan.refusals.append(Refusal(one, refusal))
        elif missing:
            plan.deferrals.append(Deferral(one, missing, retry_at(one, now)))
        else:
            assert facts.contacts is not None
            contact = facts.contacts[one.intention.identity_id]
            plan.sends.append(Send(one, contact, facts.rendered[one.intention.message_id].content))
    return plan


def retry_at(claimed: Claimed, now: datetime, asked: timedelta | None = None) -> datetime:
    """After a pause that doubles with each attempt, or the one that the provider asked for; not past expiry, so
    that a message which never got through is refused on time."""
    pause = asked or min(FIRST_PAUSE * 2 ** min(claimed.number - 1, 10), LONGEST_PAUSE)
    return min(now + pause, max(claimed.intention.not_after, now))


def _refusal(intention: Intention, facts: Facts, now: datetime) -> str:
    if intention.not_after <= now:
        return "expired"
    if problem := facts.rendered[intention.message_id].problem:
        return problem
    if facts.verdicts is not None and (reason := facts.verdicts.get(intention.message_id, "")):
        return reason
    if facts.contacts is None:
        return ""
    contact = facts.contacts.get(intention.identity_id)
    return "no_address" if contact is None else contact.refusals.get(intention.scope, "")


def _missing(intention: Intention, facts: Facts) -> str:
    if facts.verdicts is None and intention.run_id:
        return "run_state_unavailable"
    if facts.contacts is None:
        return "consent_unavailable"
    contact = facts.contacts.get(intention.identity_id)
    return "" if contact is None or intention.scope in contact.refusals else "consent_unavailable"
