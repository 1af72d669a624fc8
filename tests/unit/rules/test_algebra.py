"""Laws that hold for every rule and every person."""

from typing import Any

from hypothesis import given
from rules import Facts, compile_rule, describe, evaluate, events_of, explain, parse, render, traits_of

from . import _strategies as some
from ._reached import assert_floor, counter


def _leaves(explained: dict[str, Any]) -> list[dict[str, Any]]:
    if "rules" not in explained:
        return [explained]
    return [leaf for part in explained["rules"] for leaf in _leaves(part)]


def _names(data: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Traits and events named anywhere in the JSON of a rule."""
    traits = {data["trait"]} if "trait" in data else set()
    events = {data["event"]} if "event" in data else set()
    parts = [*data.get("all", []), *data.get("any", []), *([data["not"]] if "not" in data else [])]
    for part in parts:
        more_traits, more_events = _names(part)
        traits, events = traits | more_traits, events | more_events
    return traits, events


def _answer(data: dict[str, Any], facts: Facts) -> bool:
    return evaluate(parse(data), facts)


def test_rendering_is_undone_by_parsing() -> None:
    reached = counter("parse after render")

    @some.proven
    @given(some.rules)
    def check(data: dict[str, Any]) -> None:
        rule = parse(data)
        again = parse(render(rule))
        assert again == rule
        assert hash(again) == hash(rule)
        assert render(again) == render(rule) == data
        reached.update({"cases": 1, "nested": any(key in data for key in ("all", "any", "not"))})

    check()
    assert_floor("parse after render", nested=90)


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
    assert_floor("evaluate", true=75, missing=75, mismatch=10)


def test_de_morgan() -> None:
    reached = counter("De Morgan")

    @some.proven
    @given(some.rules, some.rules, some.facts)
    def check(one: dict[str, Any], two: dict[str, Any], facts: Facts) -> None:
        neither = {"all": [{"not": one}, {"not": two}]}
        not_both = {"any": [{"not": one}, {"not": two}]}
        assert _answer({"not": {"any": [one, two]}}, facts) == _answer(neither, facts)
        assert _answer({"not": {"all": [one, two]}}, facts) == _answer(not_both, facts)
        unknown = not explain(parse({"any": [one, two]}), facts)["known"]
        reached.update({"cases": 1, "true": _answer(not_both, facts), "unknown": unknown})

    check()
    assert_floor("De Morgan", true=75, unknown=30)


def test_not_turns_the_answer_round_only_where_it_is_known() -> None:
    """Twice `not` is nothing, always. Once `not` flips the answer unless it is unknown: then both say false."""
    reached = counter("not")

    @some.proven
    @given(some.rules, some.facts)
    def check(data: dict[str, Any], facts: Facts) -> None:
        answer, denied = _answer(data, facts), _answer({"not": data}, facts)
        assert _answer({"not": {"not": data}}, facts) is answer
        known = explain(parse(data), facts)["known"]
        assert (denied is not answer) if known else (denied is answer is False)
        reached.update({"cases": 1, "flipped": known, "unknown": not known})

    check()
    assert_floor("not", flipped=120, unknown=50)


def test_only_the_named_facts_matter() -> None:
    reached = counter("facts of a rule")

    @some.proven
    @given(some.rules, some.facts)
    def check(data: dict[str, Any], facts: Facts) -> None:
        rule = parse(data)
        traits, events = traits_of(rule), events_of(rule)
        assert (set(traits), set(events)) == _names(data)
        kept = Facts(
            {name: value for name, value in facts.traits.items() if name in traits},
            {name: state for name, state in facts.events.items() if name in events},
        )
        assert evaluate(rule, kept) is evaluate(rule, facts)
        reached.update({"cases": 1, "narrowed": kept != facts})

    check()
    assert_floor("facts of a rule", narrowed=100)


def test_descriptions_name_every_leaf() -> None:
    reached = counter("describe")

    @some.proven
    @given(some.rules)
    def check(data: dict[str, Any]) -> None:
        words = describe(parse(data))
        traits, events = _names(data)
        for name in traits | events:
            assert f"“{name}”" in words["en"]
            assert f"“{name}”" in words["zh"]
        assert describe(parse({"not": {"not": data}})) == words
        assert describe(parse({"not": data})) != words
        assert describe(parse({"not": {"any": [data, data]}})) == describe(
            parse({"all": [{"not": data}] * 2})
        )
        assert describe(parse({"not": {"all": [data, data]}})) == describe(
            parse({"any": [{"not": data}] * 2})
        )
        reached.update({"cases": 1, "several names": len(traits | events) > 1})

    check()
    assert_floor("describe", **{"several names": 30})
