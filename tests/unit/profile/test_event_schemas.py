"""Whatever schema is let through can be compiled, and a fault never shows a value."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain.declared import MOST_FAULTS, Declared, EventSchema, Mode
from profile_service.domain.event_schemas import find_fault, judge, named_in
from profile_service.schemas import compile_schema

SEEN: Counter[str] = Counter()
TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
NAMES = st.sampled_from(["a", "b/c", "~d", "type", "minimum"])
bounds = st.integers(0, 9)
keywords: Any = {
    "type": st.sampled_from(TYPES),
    "enum": st.lists(st.sampled_from(["x", 1, None]), min_size=1, max_size=3),
    "required": st.lists(NAMES, unique=True, max_size=2),
    "minimum": st.integers(-5, 5) | st.sampled_from([0.5, 10**12]),
    "exclusiveMaximum": st.integers(-5, 5),
    "minLength": bounds,
    "maxItems": bounds,
    "description": st.just("words"),
}
schemas = st.recursive(
    st.fixed_dictionaries({}, optional=keywords),
    lambda inner: st.fixed_dictionaries(
        {}, optional={**keywords, "properties": st.dictionaries(NAMES, inner, max_size=3), "items": inner}
    ),
    max_leaves=6,
)
objects = st.fixed_dictionaries(
    {"properties": st.dictionaries(NAMES, schemas, min_size=2, max_size=4)},
    optional={"required": keywords["required"]},
)
SECRET = "13812345678"
values = st.recursive(
    st.sampled_from([SECRET, 1, 0.5, True, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(objects, st.dictionaries(NAMES, values, min_size=1, max_size=4))
def test_what_is_let_through_compiles_and_shows_no_value(
    schema: dict[str, Any], data: dict[str, Any]
) -> None:
    assert find_fault(schema) is None
    faults = compile_schema(schema)(data)
    assert len(faults) <= MOST_FAULTS
    assert SECRET not in json.dumps(faults)
    for fault in faults:
        at: Any = data
        for step in fault.path.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            at = at[int(name)] if isinstance(at, list) else at[name]
    SEEN["faulty" if faults else "fine"] += 1
    SEEN["inside"] += any(fault.path.count("/") > 0 for fault in faults)


def test_the_interesting_branches_were_reached() -> None:
    print(dict(SEEN))
    assert SEEN["faulty"] > 50
    assert SEEN["inside"] > 20


@pytest.mark.parametrize(
    ("mode", "unknown", "data", "verdict"),
    [
        ("allow", "allow", {"a": "x", "z": 1}, "allow"),
        ("warn", "allow", {"a": "x"}, "warn"),
        ("warn", "block", {"a": "x", "z": 1}, "block"),
        ("block", "warn", {"a": 1, "z": 1}, "warn"),
        ("block", "allow", {"a": "x"}, "block"),
        ("allow", "warn", {"a": "x"}, "allow"),
    ],
)
def test_the_stricter_of_two_modes_decides(mode: Mode, unknown: Mode, data: Any, verdict: Mode) -> None:
    schema = {"properties": {"a": {"type": "number"}}}
    declared = Declared(schemas={"E": EventSchema(compile_schema(schema), named_in(schema), mode, unknown)})
    assert judge(declared, "E", data).mode == verdict
    assert judge(declared, "Other", data).mode == "allow"
    assert judge(Declared(undeclared="warn"), "Other", data).mode == "warn"
