"""What entries of the ledger mean for messages."""

from collections.abc import Mapping

from consents import Entry, Scope

MARKETING, TRANSACTIONAL, PROFILING = "marketing", "transactional", "profiling"
MESSAGE_PURPOSES = (MARKETING, TRANSACTIONAL)
"""What messages are sent for."""
NEED_CONSENT = frozenset({MARKETING})
"""Purposes that a workspace may want a grant for."""
ADDRESS_TYPES: Mapping[str, str] = {"sms": "phone", "email": "email"}
"""Channel → type of the contact points that it writes to."""
OPT_OUTS = frozenset({"unsubscribed", "complaint"})
"""Sources that a refusal names: what recipients do with a message itself."""


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
    """Whether an entry of this scope says anything about messages."""
    return scope.purpose in ("", *MESSAGE_PURPOSES)
