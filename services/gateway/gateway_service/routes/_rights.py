"""Nobody hands on more than they hold."""

from collections.abc import Collection, Sequence

from gateway_service.problems import FieldError, Problem
from gateway_service.roles import ALL, SCOPES, beyond
from gateway_service.store.keys import Credential

MOST_UNITS = 100
MOST_UNIT_CHARS = 128


def check_known(scopes: Sequence[str]) -> None:
    """Raises Problem for a scope that there is not."""
    errors = [
        FieldError(pointer=f"/scopes/{at}", reason="unknown_scope")
        for at, scope in enumerate(scopes)
        if scope != ALL and scope not in SCOPES
    ]
    if errors:
        known = ", ".join((ALL, *sorted(SCOPES)))
        raise Problem(400, "SCOPE_UNKNOWN", f"scopes are among {known}", errors=errors)


def check_within(credential: Credential, scopes: Collection[str], org_units: Collection[str]) -> None:
    """Raises Problem when `credential` does not itself hold what it would hand on, or take away."""
    if more := beyond(credential.scopes, frozenset(scopes)):
        raise Problem(403, "RIGHTS_EXCEEDED", f"you do not have these yourself: {', '.join(sorted(more))}")
    if credential.org_units and not (org_units and set(org_units) <= set(credential.org_units)):
        raise Problem(
            403, "RIGHTS_EXCEEDED", f"you are confined to org units: {', '.join(credential.org_units)}"
        )


def check_units(org_units: Sequence[str]) -> list[str]:
    """The org units, each once, in order. Raises Problem for empty or long ones."""
    for at, unit in enumerate(org_units):
        if not 0 < len(unit) <= MOST_UNIT_CHARS:
            errors = [FieldError(pointer=f"/org_units/{at}", reason="length")]
            raise Problem(
                400, "FIELD_INVALID", f"an org unit's id has 1 to {MOST_UNIT_CHARS} characters", errors=errors
            )
    return sorted(set(org_units))
