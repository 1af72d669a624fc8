"""What an answer, a silence or a receipt does to an attempt, its message and its place in the queue.

The queue holds every message that still needs something from us, at a stage: `send` (waits for its turn),
`lease` (a sender has it), `ask` (its fate is unknown). A message never moves back: whatever happens, its state's
rank only grows, and the first final state stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from dispatch_service.domain.messages import AttemptState, Intention, MessageState

Stage = Literal["send", "lease", "ask"]
FIRST_ASK = timedelta(milliseconds=200)
LONGEST_ASK = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """A message as its locked rows say."""

    intention: Intention
    state: MessageState
    attempt: AttemptState | None
    number: int
    deadline: datetime | None
    """Of a reserved or calling attempt."""
    since: datetime
    """When the attempt came to its state."""


@dataclass(frozen=True, slots=True)
class Place:
    """A message's row in the queue; without a stage, no row."""

    stage: Stage | None
    at: datetime | None = None
    number: int = 0
    """The attempt under way, or the one to make next."""


GONE = Place(None)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Never again: by us (`reason`) or by the provider (`provider:<code>`)."""

    reason: str
    code: str = ""
    closes: str = ""
    """Why nothing may go to this address any more; empty when other messages may."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Certainly not sent, to be tried again."""

    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer after the call may have left: the provider may have it."""

    code: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """The provider, asked by our id, never had it."""


@dataclass(frozen=True, slots=True)
class Silent:
    """The provider was asked and did not answer."""


@dataclass(frozen=True, slots=True)
class Unaskable:
    """The provider cannot be asked: whether it has the message shows in a receipt, or never."""


@dataclass(frozen=True, slots=True)
class LeaseExpired:
    """A sender had it for too long."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider says, by receipt or when asked, what became of it."""

    state: MessageState
    provider_id: str
    reason: str = ""
    closes: str = ""
    """Why nothing may go to this address any more."""


Event = Accepted | Refused | Deferred | Lost | NotThere | Silent | Unaskable | LeaseExpired | Receipt


@dataclass(frozen=True, slots=True)
class Change:
    """What to write for one message; None leaves as it is."""

    standing: Standing
    attempt: AttemptState | None = None
    code: str = ""
    state: MessageState | None = None
    reason: str = ""
    provider_id: str = ""
    place: Place | None = None
    closes: str = ""


_OPEN = (AttemptState.CALLING, AttemptState.UNKNOWN)


def plan_settlement(
    standings: Mapping[UUID, Standing], events: Iterable[tuple[UUID, Event]], now: datetime
) -> list[Change]:
    """One change at most a message; of several events for one message the first counts."""
    changes: dict[UUID, Change] = {}
    for message_id, event in events:
        standing = standings.get(message_id)
        if standing is None or message_id in changes:
            continue
        change = settle(standing, event, now)
        if change is not None:
            changes[message_id] = change
    return list(changes.values())


def settle(standing: Standing, event: Event, now: datetime) -> Change | None:
    """The change that `event` makes, None when it comes too late to make one."""
    match event:
        case Accepted():
            if standing.attempt not in _OPEN:
                return None
            return _raised(standing, MessageState.ACCEPTED, provider_id=event.provider_id)
        case Refused():
            if standing.attempt not in (AttemptState.RESERVED, *_OPEN):
                return None
            return _refused(standing, event)
        case Deferred():
            if standing.attempt not in (AttemptState.RESERVED, AttemptState.CALLING):
                return None
            return _again(standing, event.code, event.at)
        case Lost():
            return _lost(standing, event, now) if standing.attempt is AttemptState.CALLING else None
        case NotThere():
            return _again(standing, "NOT_THERE", now) if standing.attempt is AttemptState.UNKNOWN else None
        case Silent():
            return _silent(standing, now) if standing.attempt is AttemptState.UNKNOWN else None
        case Unaskable():
            return Change(standing, place=GONE) if standing.attempt is AttemptState.UNKNOWN else None
        case LeaseExpired():
            return _lease_expired(standing, now)
        case Receipt():
            return _receipt(standing, event)


def _raised(
    standing: Standing, state: MessageState, *, reason: str = "", provider_id: str = "", closes: str = ""
) -> Change:
    """The provider has the message: nothing is left to do but to wait for receipts."""
    higher = state.rank > standing.state.rank
    return Change(
        standing,
        attempt=AttemptState.ACCEPTED if standing.attempt in _OPEN else None,
        state=state if higher else None,
        reason=reason,
        provider_id=provider_id,
        place=GONE,
        closes=closes,
    )


def _refused(standing: Standing, event: Refused) -> Change:
    lower = standing.state.rank < MessageState.REFUSED.rank
    return Change(
        standing,
        attempt=AttemptState.REFUSED,
        code=event.code or event.reason,
        state=MessageState.REFUSED if lower else None,
        reason=event.reason,
        place=GONE,
        closes=event.closes,
    )


def _again(standing: Standing, code: str, at: datetime) -> Change:
    """Back to the queue, unless the provider turned out to have the message after all."""
    settled = standing.state.rank >= MessageState.ACCEPTED.rank
    place = GONE if settled else Place("send", at, standing.number + 1)
    return Change(standing, attempt=AttemptState.REFUSED, code=code, place=place)


def _lost(standing: Standing, event: Lost, now: datetime) -> Change:
    lower = standing.state.rank < MessageState.UNKNOWN.rank
    return Change(
        standing,
        attempt=AttemptState.UNKNOWN,
        code=event.code,
        state=MessageState.UNKNOWN if lower else None,
        place=Place("ask", now + FIRST_ASK, standing.number),
    )


def _silent(standing: Standing, now: datetime) -> Change:
    """Asked again after half the time that its fate has been unknown."""
    pause = min(max((now - standing.since) / 2, FIRST_ASK), LONGEST_ASK)
    return Change(standing, place=Place("ask", now + pause, standing.number))


def _lease_expired(standing: Standing, now: datetime) -> Change:
    if standing.state.rank >= MessageState.ACCEPTED.rank:
        return Change(standing, place=GONE)
    if standing.attempt is AttemptState.UNKNOWN:
        return Change(standing, place=Place("ask", now, standing.number))
    if standing.attempt not in (AttemptState.RESERVED, AttemptState.CALLING):
        return Change(standing, place=Place("send", now, standing.number + 1))
    if standing.deadline is not None and standing.deadline > now:
        return Change(standing, place=Place("lease", standing.deadline, standing.number))
    if standing.attempt is AttemptState.RESERVED:
        return _again(standing, "reservation_expired", now)
    return _lost(standing, Lost("call_abandoned"), now)


def _receipt(standing: Standing, event: Receipt) -> Change | None:
    if event.state.rank <= standing.state.rank and standing.attempt not in _OPEN:
        return None
    change = _raised(
        standing, event.state, reason=event.reason, provider_id=event.provider_id, closes=event.closes
    )
    if standing.attempt is not AttemptState.RESERVED:
        return change
    # A second call was on its way for a message that is there: stop it before it leaves.
    return replace(change, attempt=AttemptState.REFUSED, code="already_there")
