"""Laws that hold for every rule and every person."""

import json
import re
from dataclasses import replace
from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rules import (
    Cost,
    FactKind,
    Facts,
    Happening,
    compile_rule,
    cost_of,
    describe,
    evaluate,
    events_of,
    explain,
    needs,
    normalise,
    parse,
    render,
    traits_of,
)

from . import _language as whole
from . import _strategies as some
from ._reached import assert_floor, counter


def _leaves(explained: dict[str, Any]) -> list[dict[str, Any]]:
    if "rules" not in explained:
        return [explained]
    return [leaf for part in explained["rules"] for leaf in _leaves(part)]


def _named(data: object, keys: set[str]) -> set[str]:
    """What stands as a text under one of these keys, anywhere in the JSON of a rule."""
    if isinstance(data, list):
        return {name for each in data for name in _named(each, keys)}
    if not isinstance(data, dict):
        return set()
    here = {each for key, each in data.items() if key in keys and isinstance(each, str)}
    return here | {name for each in data.values() for name in _named(each, keys)}


SPOKEN = {
    "trait", "event", "property", "tag", "segment", "score", "rfm", "scheme", "stage", "channel", "purpose",
    "topic", "salt", "in_journey", "journey", "state", "of",
}  # fmt: skip


def _truth(data: dict[str, Any], facts: Facts) -> bool | None:
    explained = explain(parse(data), facts)
    return bool(explained["result"]) if explained["known"] else None


def _answer(data: dict[str, Any], facts: Facts) -> bool:
    return evaluate(parse(data), facts)


def test_rendering_is_undone_by_parsing() -> None:
    reached = counter("parse after render")

    @whole.proven
    @given(whole.rules)
    def check(data: dict[str, Any]) -> None:
        rule = parse(data)
        again = parse(render(rule))
        assert again == rule
        assert hash(again) == hash(rule)
        assert render(again) == render(rule) == data
        reached.update({"cases": 1, "nested": any(key in data for key in ("all", "any", "not"))})

    check()
    assert_floor("parse after render", nested=45)


def test_every_rule_answers_for_every_person() -> None:
    reached = counter("evaluate")

    @some.proven
    @given(some.rules, some.facts)
    def check(data: dict[str, Any], facts: Facts) -> None:
        rule = parse(data)
        answer = evaluate(rule, facts)
        assert type(answer) is bool
        assert compile_rule(rule)(facts) is answer
        explained = explain(rule, facts)
        assert explained["result"] is answer
        traits = [leaf for leaf in _leaves(explained) if leaf["kind"] == "trait"]
        mismatched = [leaf for leaf in traits if not leaf["missing"] and not leaf["known"]]
        reached.update({"cases": 1, "true": answer, "missing": any(leaf["missing"] for leaf in traits)})
        reached.update({"mismatch": bool(mismatched), "unknown at the root": not explained["known"]})

    check()
    assert_floor("evaluate", true=50, missing=50, mismatch=8)


def test_every_rule_of_every_kind_answers_for_every_person() -> None:
    reached = counter("evaluate, every kind")

    @whole.proven
    @given(whole.rules, whole.facts())
    def check(data: dict[str, Any], facts: Facts) -> None:
        rule = parse(data)
        answer = evaluate(rule, facts)
        assert type(answer) is bool
        explained = explain(rule, facts)
        assert explained["result"] is answer
        json.dumps(explained)
        kinds = {need.kind for need in needs(rule)}
        instants = [each.at_ms for each in (facts.history or {}).get("Order Completed", ())]
        reached.update({"cases": 1, "true": answer, "unknown": not explained["known"]})
        reached.update({"single events": FactKind.EVENTS in kinds, "clock": FactKind.CLOCK in kinds})
        reached.update({"tie": len(set(instants)) < len(instants), "not loaded": facts.history is None})

    check()
    assert_floor(
        "evaluate, every kind",
        **{"true": 20, "unknown": 20, "single events": 30, "clock": 30, "tie": 3, "not loaded": 5},
    )


def test_de_morgan() -> None:
    reached = counter("De Morgan")

    @whole.proven
    @given(whole.rules, whole.rules, whole.facts())
    def check(one: dict[str, Any], two: dict[str, Any], facts: Facts) -> None:
        neither = {"all": [{"not": one}, {"not": two}]}
        not_both = {"any": [{"not": one}, {"not": two}]}
        assert _answer({"not": {"any": [one, two]}}, facts) == _answer(neither, facts)
        assert _answer({"not": {"all": [one, two]}}, facts) == _answer(not_both, facts)
        unknown = not explain(parse({"any": [one, two]}), facts)["known"]
        reached.update({"cases": 1, "true": _answer(not_both, facts), "unknown": unknown})

    check()
    assert_floor("De Morgan", true=35, unknown=15)


def test_not_turns_the_answer_round_only_where_it_is_known() -> None:
    """Twice `not` is nothing, always. Once `not` flips the answer unless it is unknown: then both say false."""
    reached = counter("not")

    @whole.proven
    @given(whole.rules, whole.facts())
    def check(data: dict[str, Any], facts: Facts) -> None:
        answer, denied = _answer(data, facts), _answer({"not": data}, facts)
        assert _answer({"not": {"not": data}}, facts) is answer
        known = explain(parse(data), facts)["known"]
        assert (denied is not answer) if known else (denied is answer is False)
        reached.update({"cases": 1, "flipped": known, "unknown": not known})

    check()
    assert_floor("not", flipped=50, unknown=20)


def test_only_the_named_facts_matter() -> None:
    reached = counter("facts of a rule")

    @whole.proven
    @given(whole.rules, whole.facts())
    def check(data: dict[str, Any], facts: Facts) -> None:
        rule = parse(data)
        kept = _kept(facts, rule)
        assert explain(rule, kept)["result"] is explain(rule, facts)["result"]
        assert explain(rule, kept)["known"] is explain(rule, facts)["known"]
        assert traits_of(rule) <= _named(data, {"trait"})
        assert events_of(rule) == _named(data, {"event"})
        reached.update({"cases": 1, "narrowed": kept != facts})

    check()
    assert_floor("facts of a rule", narrowed=50)


def _kept(facts: Facts, rule: Any) -> Facts:
    """These facts with nothing but what the rule says it needs."""
    wanted: dict[FactKind, set[str]] = {}
    for need in needs(rule):
        wanted.setdefault(need.kind, set()).add(need.name)

    def named(kind: FactKind, values: Any) -> Any:
        return None if values is None else {k: v for k, v in values.items() if k in wanted.get(kind, ())}

    def whole_or_none(kind: FactKind, values: Any) -> Any:
        return values if kind in wanted else None

    account = whole_or_none(FactKind.ACCOUNT, facts.account)
    return replace(
        facts,
        traits=named(FactKind.TRAITS, facts.traits),
        events=named(FactKind.EVENT_STATES, facts.events),
        history=named(FactKind.EVENTS, facts.history),
        changes=named(FactKind.TRAIT_CHANGES, facts.changes),
        tags=named(FactKind.TAGS, facts.tags),
        scores=named(FactKind.SCORES, facts.scores),
        rfm=named(FactKind.RFM, facts.rfm),
        stages=named(FactKind.STAGES, facts.stages),
        thresholds=named(FactKind.THRESHOLDS, facts.thresholds),
        segments=whole_or_none(FactKind.SEGMENTS, facts.segments),
        consents=whole_or_none(FactKind.CONSENTS, facts.consents),
        person_id=whole_or_none(FactKind.PERSON_ID, facts.person_id),
        journeys=whole_or_none(FactKind.JOURNEYS, facts.journeys),
        messages=whole_or_none(FactKind.MESSAGES, facts.messages),
        now_ms=whole_or_none(FactKind.CLOCK, facts.now_ms),
        account=None if account is None else [_kept(each, rule) for each in account],
    )


def test_a_window_is_all_that_is_needed_of_events() -> None:
    """What lies outside changes nothing, and one instant decides: an event as old as the window has left it."""
    reached = counter("events inside the windows")

    @whole.proven
    @given(st.sampled_from(["30d", "1d", "36h", "1y"]), st.lists(st.sampled_from(whole.EDGES), max_size=4))
    def check(within: str, moments: list[int]) -> None:
        rule = parse({"event": "E", "within": within, "count": {"gte": 1}})
        (bounds,) = [need.window.range(whole.NOW, UTC) for need in needs(rule) if need.window]
        assert bounds is not None
        inside = [ms for ms in moments if bounds[0] <= ms * 1_000 < bounds[1]]
        for kept in (moments, inside):
            facts = Facts(now_ms=whole.NOW, history={"E": [Happening(ms) for ms in kept]})
            explained = explain(rule, facts)
            assert explained["value"]["count"] == len(inside)
            assert explained["result"] is bool(inside)
        leaving = any(ms * 1_000 == bounds[0] - 1 for ms in moments)
        reached.update({"cases": 1, "dropped": len(inside) < len(moments), "leaving now": leaving})
        reached.update({"now": whole.NOW in moments})

    check()
    assert_floor("events inside the windows", **{"dropped": 50, "leaving now": 15, "now": 15})


def test_the_normal_form_answers_the_same_and_stays() -> None:
    reached = counter("normalise")

    @whole.proven
    @given(whole.rules, whole.facts())
    def check(data: dict[str, Any], facts: Facts) -> None:
        rule = parse(data)
        normal = normalise(rule)
        one, other = explain(rule, facts), explain(normal, facts)
        assert (one["result"], one["known"]) == (other["result"], other["known"])
        assert normalise(normal) == normal
        assert parse(render(normal)) == normal
        assert cost_of(normal) <= cost_of(rule)
        assert json.dumps(render(normal)).count("{") <= json.dumps(render(rule)).count("{")
        assert normalise(parse({"all": [data, data, {"everyone": True}]})) == normal
        assert normalise(parse({"any": [data, {"everyone": True}]})) == parse({"everyone": True})
        reached.update({"cases": 1, "changed": normal != rule, "unknown": not one["known"]})

    check()
    assert_floor("normalise", changed=50, unknown=20)


def test_descriptions_name_every_leaf() -> None:
    reached = counter("describe")

    @whole.proven
    @given(whole.rules)
    def check(data: dict[str, Any]) -> None:
        words = describe(parse(data))
        names = _named(data, SPOKEN)
        for name in names:
            assert f"“{name}" in words["en"]
            assert f"“{name}" in words["zh"]
        assert not re.search(r"\{[a-z]", words["en"] + words["zh"])
        assert describe(parse({"not": {"not": data}})) == words
        assert describe(parse({"not": data})) != words
        assert describe(parse({"not": {"any": [data, data]}})) == describe(
            parse({"all": [{"not": data}] * 2})
        )
        assert describe(parse({"not": {"all": [data, data]}})) == describe(
            parse({"any": [{"not": data}] * 2})
        )
        reached.update({"cases": 1, "several names": len(names) > 1})

    check()
    assert_floor("describe", **{"several names": 50})


def test_the_cost_is_that_of_the_dearest_part() -> None:
    summary: dict[str, Any] = {"trait": "city", "op": "exists"}
    results: dict[str, Any] = {"tag": "t"}
    recent: dict[str, Any] = {"event": "E", "within": "30d"}
    lifetime: dict[str, Any] = {"event": "E", "where": [{"property": "p", "op": "exists"}]}
    account: dict[str, Any] = {"account": {"any": summary}}
    ranked = [summary, results, recent, lifetime, account]
    assert [cost_of(parse(data)) for data in ranked] == list(Cost)
    for n, data in enumerate(ranked):
        assert cost_of(parse({"not": {"any": ranked[: n + 1]}})) == cost_of(parse(data))
    assert normalise(parse({"all": ranked[::-1]})) == parse({"all": ranked})
