"""Definitions: what is understood, and what is refused where."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journey_service.domain.definition import Definition, parse_definition
from journey_service.domain.nodes import kinds
from journey_service.domain.problems import DefinitionError, Problem
from journey_service.usecases.edit_journeys import check_definition

from ._reached import assert_floor, counter

CART = [{"event": "cart_id", "context": "entry.cart_id"}]
ABANDONED: dict[str, Any] = {
    "name": "Abandoned cart",
    "entries": [
        {
            "kind": "event",
            "event": "Product Added",
            "key": "cart_id",
            "where": [{"property": "price", "op": "gte", "value": 10}],
            "audience": {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
        }
    ],
    "policies": {"reentry": {"mode": "after_exit", "cooldown": "7d"}, "tolerance": "2d"},
    "start": "idle",
    "nodes": {
        "idle": {
            "kind": "wait_for_event",
            "branches": {"bought": {"event": "Order Completed", "match": CART}},
            "restart_on": {"event": "Product Added", "match": CART},
            "timeout": "1h",
            "next": {"bought": "end", "timeout": "remind"},
        },
        "remind": {
            "kind": "send",
            "channel": "sms",
            "content": "cnt_1",
            "purpose": "marketing",
            "priority": "triggered",
            "not_after": "24h",
            "on_refused": {"quiet_hours": "later", "capped": "end", "*": "end"},
            "next": {"done": "end"},
        },
        "later": {"kind": "wait", "for": "12h", "next": {"done": "remind"}},
        "end": {"kind": "exit"},
    },
}
DROP = object()


def changed(pointer: str, value: Any) -> Any:
    """ABANDONED with `value` at the place of the pointer."""
    found: Any = json.loads(json.dumps(ABANDONED))
    *path, last = pointer.split("/")[1:]
    place: Any = found
    for step in path:
        place = place[int(step) if isinstance(place, list) else step]
    key: Any = int(last) if isinstance(place, list) else last
    if value is DROP:
        del place[key]
    else:
        place[key] = value
    return found


def problems(data: object) -> set[tuple[str, str]]:
    with pytest.raises(DefinitionError) as raised:
        parse_definition(data)
    assert all(p.detail for p in raised.value.problems)
    return {(p.pointer, p.reason) for p in raised.value.problems}


def test_the_published_example_is_understood() -> None:
    found = parse_definition(ABANDONED)
    assert (found.name, found.start, set(found.nodes)) == (
        "Abandoned cart",
        "idle",
        {"idle", "remind", "later", "end"},
    )
    (entry,) = found.entries
    assert (entry.match.event, entry.key, entry.historical) == ("Product Added", "cart_id", False)
    assert len(entry.match.where) == 1
    assert entry.audience is not None
    assert (found.reentry.mode, found.reentry.cooldown) == ("after_exit", timedelta(days=7))
    assert found.tolerance == timedelta(days=2)
    assert found.next == {
        ("idle", "bought"): "end",
        ("idle", "timeout"): "remind",
        ("remind", "done"): "end",
        ("later", "done"): "remind",
    }
    assert found.waits_for == {"Order Completed", "Product Added"}
    assert found.event_names() == {"Order Completed", "Product Added"}
    idle: Any = found.nodes["idle"]
    assert idle.branches["bought"].same == (("cart_id", "cart_id"),)
    assert idle.restart_on.event == "Product Added"
    assert idle.timeout == timedelta(hours=1)
    remind: Any = found.nodes["remind"]
    assert remind.on_refused == {"quiet_hours": "later", "capped": "end", "*": "end"}


def test_what_is_left_out_has_a_harmless_default() -> None:
    found = parse_definition(changed("/policies", DROP))
    assert (found.reentry.mode, found.reentry.cooldown) == ("after_exit", timedelta(0))
    assert found.tolerance == timedelta(days=1)


@pytest.mark.parametrize(
    ("pointer", "value", "expected"),
    [
        ("/name", DROP, {("/name", "missing")}),
        ("/name", "", {("/name", "bad_value")}),
        ("/name", "x" * 201, {("/name", "bad_value")}),
        ("/name", 3, {("/name", "bad_value")}),
        ("/entries", DROP, {("/entries", "missing")}),
        ("/entries", {}, {("/entries", "not_a_list"), ("/entries", "missing")}),
        ("/entries", ABANDONED["entries"] * 21, {("/entries", "too_many")}),
        ("/entries/0/kind", "segment", {("/entries/0/kind", "bad_value")}),
        ("/entries/0/event", DROP, {("/entries/0/event", "missing")}),
        ("/entries/0/key", 3, {("/entries/0/key", "bad_value")}),
        ("/entries/0/key", "products[].id", {("/entries/0/key", "bad_value")}),
        ("/entries/0/historical", "yes", {("/entries/0/historical", "bad_value")}),
        ("/entries/0/where", {}, {("/entries/0/where", "not_a_list")}),
        ("/entries/0/where/0/op", "gtt", {("/entries/0/where/0/op", "unknown_operator")}),
        ("/entries/0/audience", {"hobby": 1}, {("/entries/0/audience/hobby", "unknown_key")}),
        (
            "/entries/0/audience",
            {"tag": "worth.vip"},
            {("/entries/0/audience", "unsupported_node")},
        ),
        ("/entries/0", [], None),
        ("/policies", [], {("/policies", "not_an_object")}),
        ("/policies/goal", {}, {("/policies/goal", "unknown_key")}),
        ("/policies/reentry/mode", "never", {("/policies/reentry/mode", "bad_value")}),
        ("/policies/reentry/cooldown", "0d", {("/policies/reentry/cooldown", "bad_value")}),
        ("/policies/reentry/cooldown", "53w", {("/policies/reentry/cooldown", "bad_value")}),
        ("/nodes/remind/topic", "", {("/nodes/remind/topic", "bad_value")}),
        ("/nodes/remind/org_unit", "x" * 129, {("/nodes/remind/org_unit", "bad_value")}),
        ("/policies/tolerance", "soon", {("/policies/tolerance", "bad_value")}),
        ("/policies/reentry/often", 1, {("/policies/reentry/often", "unknown_key")}),
        ("/start", "nowhere", {("/start", "unknown_node")}),
        ("/start", DROP, {("/start", "missing")}),
        ("/nodes", {}, {("/nodes", "missing")}),
        ("/nodes", None, {("/nodes", "not_an_object"), ("/nodes", "missing")}),
        ("/nodes/idle", 1, None),
        ("/nodes/idle/kind", "teleport", {("/nodes/idle/kind", "unknown_kind")}),
        ("/nodes/idle/timeout", "1h\n", {("/nodes/idle/timeout", "bad_value")}),
        ("/nodes/idle/timeout", DROP, {("/nodes/idle/timeout", "bad_value")}),
        ("/nodes/idle/next/timeout", "nowhere", {("/nodes/idle/next/timeout", "unknown_node")}),
        ("/nodes/idle/next/bought", DROP, {("/nodes/idle/next/bought", "missing")}),
        ("/nodes/idle/next/else", "end", {("/nodes/idle/next/else", "unknown_key")}),
        (
            "/nodes/idle/next",
            DROP,
            {("/nodes/idle/next/bought", "missing"), ("/nodes/idle/next/timeout", "missing")},
        ),
        (
            "/nodes/idle/branches",
            {},
            {("/nodes/idle/branches", "missing"), ("/nodes/idle/next/bought", "unknown_key")},
        ),
        (
            "/nodes/idle/branches/timeout",
            {"event": "E"},
            {("/nodes/idle/branches/timeout", "bad_value")},
        ),
        (
            "/nodes/idle/branches/exit:done",
            {"event": "E"},
            {("/nodes/idle/branches/exit:done", "bad_value"), ("/nodes/idle/next/exit:done", "missing")},
        ),
        (
            "/nodes/idle/branches/bought/match/0/context",
            "order.cart_id",
            {("/nodes/idle/branches/bought/match/0/context", "bad_value")},
        ),
        (
            "/nodes/idle/branches/bought/match/0/context",
            "entry.",
            {("/nodes/idle/branches/bought/match/0/context", "bad_value")},
        ),
        (
            "/nodes/idle/branches/bought/match/0/event",
            "products[].id",
            {("/nodes/idle/branches/bought/match/0/event", "bad_value")},
        ),
        ("/nodes/idle/restart_on/event", 7, {("/nodes/idle/restart_on/event", "bad_value")}),
        ("/nodes/idle/restart_on/when", 7, {("/nodes/idle/restart_on/when", "unknown_key")}),
        ("/nodes/remind/channel", "pigeon", {("/nodes/remind/channel", "bad_value")}),
        ("/nodes/remind/purpose", "fun", {("/nodes/remind/purpose", "bad_value")}),
        ("/nodes/remind/priority", ["triggered"], {("/nodes/remind/priority", "bad_value")}),
        ("/nodes/remind/content", DROP, {("/nodes/remind/content", "missing")}),
        ("/nodes/remind/not_after", "soon", {("/nodes/remind/not_after", "bad_value")}),
        ("/nodes/remind/on_refused", [], {("/nodes/remind/on_refused", "not_an_object")}),
        (
            "/nodes/remind/on_refused/a~b",
            "nowhere",
            {("/nodes/remind/on_refused/a~0b", "unknown_node")},
        ),
        ("/nodes/remind/on_refused/capped", 1, {("/nodes/remind/on_refused/capped", "bad_value")}),
        ("/nodes/later/for", "forever", {("/nodes/later/for", "bad_value")}),
        ("/nodes/end/next", {"done": "idle"}, {("/nodes/end/next", "unknown_key")}),
        ("/colour", "red", {("/colour", "unknown_key")}),
    ],
)
def test_each_fault_has_its_place_and_reason(
    pointer: str, value: Any, expected: set[tuple[str, str]] | None
) -> None:
    found = problems(changed(pointer, value))
    if expected is None:
        assert (pointer, "not_an_object") in found
    else:
        assert found == expected


def test_every_problem_is_told_at_once() -> None:
    data = changed("/name", "")
    data["nodes"]["later"]["for"] = "0s"
    data["nodes"]["idle"]["next"]["timeout"] = "a/b"
    assert problems(data) == {
        ("/name", "bad_value"),
        ("/nodes/later/for", "bad_value"),
        ("/nodes/idle/next/timeout", "unknown_node"),
    }


def test_too_many_nodes_are_not_even_read() -> None:
    data = changed("/nodes", {f"n{n}": {"kind": "exit"} for n in range(201)})
    data["start"] = "n0"
    assert problems(data) == {("/nodes", "too_many")}


def test_every_object_refuses_a_key_it_does_not_know() -> None:
    places = [
        "", "/entries/0", "/policies", "/policies/reentry", "/nodes/idle", "/nodes/idle/branches/bought",
        "/nodes/idle/branches/bought/match/0", "/nodes/idle/restart_on", "/nodes/idle/next", "/nodes/remind",
        "/nodes/remind/next", "/nodes/later", "/nodes/end", "/entries/0/where/0",
    ]  # fmt: skip
    for place in places:
        assert problems(changed(f"{place}/zzz", 1)) == {(f"{place}/zzz", "unknown_key")}


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b'"\xff"', b"[" * 100_000, b'{"a": 1e999}', b'"\\ud800"', b'{"name": "a\\u0000"}'],
    ids=lambda raw: repr(raw[:12]),
)
def test_bytes_that_cannot_be_stored_are_a_problem_not_a_fault(raw: bytes) -> None:
    _, found = check_definition(raw)
    assert [p.pointer for p in found] == [""]


def test_every_kind_says_what_it_is() -> None:
    assert set(kinds()) == {"wait_for_event", "wait", "send", "exit"}
    for kind in kinds().values():
        assert kind.schema["type"] == "object"
        assert all(kind.label[language] and kind.description[language] for language in ("en", "zh"))


WORDS = st.sampled_from(
    ["name", "entries", "policies", "reentry", "mode", "cooldown", "start", "nodes", "kind", "event", "where",
     "match", "context", "branches", "restart_on", "timeout", "next", "done", "bought", "send", "wait", "exit",
     "wait_for_event", "channel", "sms", "content", "on_refused", "*", "for", "1h", "entry.x", "key", "audience",
     "trait", "op", "eq", "value", "property", "idle", "end", "after_exit", ""]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=4)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)


def _places(data: Any, pointer: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [pointer, *(p for key, value in items for p in _places(value, (*pointer, key)))]


PLACES = [p for p in _places(ABANDONED) if p]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), max_size=3), st.booleans(), JSON)
def test_parsing_never_raises_anything_else(
    edits: list[tuple[tuple[Any, ...], Any]], from_scratch: bool, other: Any
) -> None:
    reached = counter("definition")
    reached["cases"] += 1
    data: Any = other if from_scratch else json.loads(json.dumps(ABANDONED))
    for path, value in () if from_scratch else edits:
        place = data
        try:
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value
        except (TypeError, KeyError, IndexError):
            continue
    found: list[Problem] = []
    try:
        _assert_closed(parse_definition(data))
        reached["understood"] += 1
    except DefinitionError as error:
        found = error.problems
        reached["refused"] += bool(found)
        reached["several problems"] += len(found) > 1
        reached["in a node"] += any(p.pointer.startswith("/nodes/") for p in found)
    assert all(p.pointer == "" or p.pointer.startswith("/") for p in found)


def _assert_closed(found: Definition) -> None:
    """Wherever a run can go, there is a node."""
    assert found.start in found.nodes
    assert set(found.next.values()) <= set(found.nodes)
    for node_id, node in found.nodes.items():
        assert all((node_id, way) in found.next for way in node.ways_out())
        assert set(node.named_nodes().values()) <= set(found.nodes)


def test_parsing_reached_both_answers() -> None:
    assert_floor("definition", refused=150, understood=20, **{"several problems": 80, "in a node": 40})


def test_the_example_survives_json() -> None:
    data, found = check_definition(json.dumps(ABANDONED).encode())
    assert (data, found) == (ABANDONED, [])
