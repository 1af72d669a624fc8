"""Single steps of the planner: cause, history flag, first evaluation, merges."""

from typing import Any

from chassis.ids import derived_id
from people import Membership
from rules import parse
from segment_service.domain.catalogue import Catalogue, Compiled
from segment_service.domain.facts import Known, fold, once
from segment_service.domain.heard import Cause, EventFact, TraitsFact
from segment_service.domain.membership import Step, plan_departure, plan_membership
from survivorship import Stamp, Traits

PERSON = Membership(derived_id("a"), derived_id("a"), 1, 5)


def catalogue(rule: Any, building: bool = False) -> Catalogue:
    return Catalogue([Compiled.of("seg_1", 3, building, parse(rule))])


def cause(n: int, historical: bool = False) -> Cause:
    return Cause(str(n), n, n, historical)


def bought(n: int, historical: bool = False, everything: bool = False) -> Step:
    return Step(cause(n, historical), EventFact(derived_id(str(n)), "Order Completed"), everything)


TWICE = {"event": "Order Completed", "count": {"gte": 2}}
NEVER = {"event": "Order Completed", "count": {"eq": 0}}


def test_the_record_that_tips_the_scale_is_the_cause_and_gives_its_historical_flag() -> None:
    steps = [bought(1), bought(2), bought(3, historical=True)]
    (change,) = plan_membership(PERSON, Known(), steps, catalogue(TWICE), ())
    assert (change.kind, change.cause.record_id, change.historical) == ("entered", "2", False)
    assert change.segment_version == 3


def test_a_member_before_the_build_came_by_enters_historically() -> None:
    known = Known({"Order Completed": once(1)})
    known.count("Order Completed", once(2))
    (change,) = plan_membership(PERSON, known, [bought(3)], catalogue(TWICE, building=True), ())
    assert (change.kind, change.historical) == ("entered", True)


def test_who_becomes_a_member_during_the_build_enters_live() -> None:
    known = Known({"Order Completed": once(1)})
    (change,) = plan_membership(PERSON, known, [bought(3)], catalogue(TWICE, building=True), ())
    assert (change.kind, change.historical) == ("entered", False)


def test_a_newcomer_is_asked_about_after_the_first_record_and_not_before() -> None:
    assert plan_membership(PERSON, Known(), [bought(1, everything=True)], catalogue(NEVER), ()) == []
    step = Step(cause(1), None, everything=True)
    (change,) = plan_membership(PERSON, Known(), [step], catalogue(NEVER), ())
    assert change.kind == "entered"


def test_who_already_was_inside_does_not_enter_again_after_a_merge() -> None:
    known = fold([Known({"Order Completed": once(1)}), Known({"Order Completed": once(2)})])
    step = Step(cause(9), None, everything=True)
    assert plan_membership(PERSON, known, [step], catalogue(TWICE), {"seg_1"}) == []


def test_a_merged_person_leaves_everything() -> None:
    (change,) = plan_departure(PERSON, cause(9), catalogue(TWICE), {"seg_1"})
    assert (change.kind, change.reason, change.cause.record_id) == ("left", "merged", "9")


def test_a_stale_trait_changes_nothing_and_a_removed_one_stays_removed() -> None:
    rule = {"trait": "city", "op": "eq", "value": "x"}
    known = Known(traits=Traits())
    steps = [
        Step(cause(5), TraitsFact({"city": None}), False),
        Step(cause(4), TraitsFact({"city": "x"}), False),
    ]
    assert plan_membership(PERSON, known, steps, catalogue(rule), ()) == []
    assert known.traits.values == {}


def test_equal_times_are_decided_by_the_record_id_whatever_the_order() -> None:
    one, two = Traits(), Traits()
    one.take({"city": "a"}, Stamp(0, 1, "r1"))
    one.take({"city": "b"}, Stamp(0, 1, "r2"))
    two.take({"city": "b"}, Stamp(0, 1, "r2"))
    two.take({"city": "a"}, Stamp(0, 1, "r1"))
    assert one == two
    assert one.values == {"city": "b"}
