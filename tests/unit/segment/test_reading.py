"""A rule whose facts segment cannot load is refused, with a pointer and a reason, and never silently false."""

from typing import Any

import msgspec
import pytest
from chassis.errors import InvalidArgument
from segment_service.reading import read_rule

BOUGHT = {"event": "Order Completed", "count": {"gte": 2}}


@pytest.mark.parametrize(
    ("rule", "pointer", "reason"),
    [
        ({"all": [BOUGHT, {"event": "Viewed", "within": "30d"}]}, "/all/1/within", "unsupported_node"),
        ({"event": "Viewed", "sum": {"property": "total", "gt": 5}}, "/sum", "unsupported_node"),
        ({"not": {"tag": "worth.vip"}}, "/not", "unsupported_node"),
        ({"any": [BOUGHT, {"segment": "seg_1"}]}, "/any/1", "unsupported_node"),
        ({"trait": "born", "op": "anniversary", "value": "today"}, "/op", "unsupported_operator"),
        ({"event": "Viewed", "last": {"within": "30d"}}, "/last/within", "unsupported_node"),
    ],
)
def test_a_rule_that_looks_at_what_is_not_loaded_is_refused(rule: Any, pointer: str, reason: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        read_rule(msgspec.json.encode(rule))
    assert refused.value.metadata["pointer"] == pointer
    assert refused.value.metadata["reason"] == reason


def test_traits_and_lifetime_states_are_loaded() -> None:
    rule = {"all": [BOUGHT, {"trait": "city", "op": "eq", "value": {"trait": "home"}}]}
    read_rule(msgspec.json.encode(rule))
