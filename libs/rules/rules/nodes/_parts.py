"""What `all` and `any` share: reading their parts, and their normal form."""

import json
from collections.abc import Callable
from typing import Any

from rules._needs import Cost
from rules._reading import Place, Reason
from rules._rule import ReadChild, Rule, cost_of
from rules.nodes.everyone import Everyone
from rules.nodes.negation import Not

PARTS: dict[str, Any] = {"type": "array", "minItems": 1, "items": {"type": "object"}}
EVERYBODY = Everyone()
NOBODY = Not(EVERYBODY)


def read_parts(key: str, place: Place, data: dict[str, object], child: ReadChild) -> tuple[Rule, ...] | None:
    place.check_keys(data, {key})
    parts = data[key]
    if not isinstance(parts, list):
        place.at(key).refuse(Reason.NOT_A_LIST, "expected a list of rules")
        return None
    if not parts:
        detail = 'expected at least one rule; for all people write {"everyone": true}'
        place.at(key).refuse(Reason.EMPTY_LIST, detail)
        return None
    read = [child(place.at(key, index), part) for index, part in enumerate(parts)]
    rules = tuple(rule for rule in read if rule is not None)
    return rules if len(rules) == len(parts) else None


def simplest(
    parts: tuple[Rule, ...],
    kind: type[Rule],
    group: Callable[[tuple[Rule, ...]], Rule],
    neutral: Rule,
    final: Rule,
) -> Rule:
    """The group of these parts, as little as says the same. `neutral` changes nothing among other parts; `final`
    settles the answer whatever they are, unknown or not."""
    flat: dict[Rule, None] = {}
    for part in parts:
        normal = part.normal()
        flat |= dict.fromkeys(normal.children() if isinstance(normal, kind) else (normal,))
    if final in flat:
        return final
    kept = [rule for rule in flat if rule != neutral] or [neutral]
    return kept[0] if len(kept) == 1 else group(tuple(sorted(kept, key=_order)))


def _order(rule: Rule) -> tuple[Cost, str]:
    return cost_of(rule), json.dumps(rule.render(), sort_keys=True)
