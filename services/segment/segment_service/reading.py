"""Rules as callers send them."""

from collections.abc import Collection
from typing import Any

import msgspec
from chassis.errors import InvalidArgument
from rules import LOADED, FactKind, Rule, RuleError, parse

_NAMED = 10
"""Problems spelled out in one refusal: a status message travels in a header, and headers are short."""


def read_rule(rule_json: bytes, loads: Collection[FactKind] | None = LOADED, **metadata: str) -> Rule:
    """The rule, or InvalidArgument that points at the first problem and names the others.

    Traits, event states and consents are what is loaded for a rule; one that looks at more would be silently false. `loads` of
    None reads any rule.
    """
    try:
        data: Any = msgspec.json.decode(rule_json)
        return parse(data, loads=loads)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refusal("it is not JSON", "", "not_json", metadata) from error
    except RuleError as error:
        first, rest = error.errors[0], len(error.errors) - _NAMED
        said = "; ".join(f"{p.pointer or '/'}: {p.detail}" for p in error.errors[:_NAMED])
        more = f"; and {rest} more" if rest > 0 else ""
        raise _refusal(said + more, first.pointer, first.reason.value, metadata) from error


def _refusal(said: str, pointer: str, rule_reason: str, metadata: dict[str, str]) -> InvalidArgument:
    error = InvalidArgument(
        f"the rule was not understood: {said}", reason="RULE_INVALID", pointer=pointer, **metadata
    )
    # The contract calls it "reason" inside the metadata too.
    error.metadata["reason"] = rule_reason
    return error
