"""Single events: windows and their edges, aggregates, sequences, ties."""

import random
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise, product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules import Facts, Happening, evaluate, explain, parse, state_of

from . import _language as whole
from . import _strategies as some
from ._reached import assert_floor, counter

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


def truth(rule: dict[str, Any], facts: Facts) -> bool | None:
    explained = explain(parse(rule), facts)
    return bool(explained["result"]) if explained["known"] else None


@pytest.mark.parametrize(
    ("within", "now", "zone", "first_inside", "first_after"),
    [
        ("30d", "2025-03-31T00:00:00Z", UTC, "2025-03-01T00:00:00.001Z", "2025-03-31T00:00:00.001Z"),
        ("1mo", "2025-03-31T12:00:00Z", UTC, "2025-02-28T12:00:00.001Z", "2025-03-31T12:00:00.001Z"),
        ("1y", "2024-02-29T12:00:00Z", UTC, "2023-02-28T12:00:00.001Z", "2024-02-29T12:00:00.001Z"),
        # Clocks went forward on 9 March: a month back is the same hour, a day is 24 hours.
        ("1mo", "2025-03-20T12:00:00-04:00", NEW_YORK, "2025-02-20T12:00:00.001-05:00", "2025-03-20T12:00:00.001-04:00"),
        ("1d", "2025-03-09T12:00:00-04:00", NEW_YORK, "2025-03-08T11:00:00.001-05:00", "2025-03-09T12:00:00.001-04:00"),
        ("today", "2025-03-30T20:00:00Z", SHANGHAI, "2025-03-31T00:00:00+08:00", "2025-04-01T00:00:00+08:00"),
        ("today", "2025-03-09T12:00:00-04:00", NEW_YORK, "2025-03-09T00:00:00-05:00", "2025-03-10T00:00:00-04:00"),
        ("this_week", "2025-03-30T12:00:00Z", UTC, "2025-03-24T00:00:00Z", "2025-03-31T00:00:00Z"),
        ("last_month", "2025-01-15T00:00:00Z", UTC, "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("last_quarter", "2025-01-15T00:00:00Z", UTC, "2024-10-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("next_year", "2024-12-31T23:00:00Z", SHANGHAI, "2026-01-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00"),
        ({"from": "2025-01-01", "to": "2025-01-02"}, "2025-06-01T00:00:00Z", UTC, "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_window_has_these_ends(
    within: Any, now: str, zone: tzinfo, first_inside: str, first_after: str
) -> None:
    rule = parse({"event": "E", "within": within})
    for moment, expected in (
        (ms(first_inside), True),
        (ms(first_after) - 1, True),
        (ms(first_inside) - 1, False),
        (ms(first_after), False),
    ):
        assert (
            evaluate(rule, Facts(now_ms=ms(now), zone=zone, history={"E": [Happening(moment)]})) is expected
        )


def test_without_a_clock_only_what_needs_none_is_known() -> None:
    facts = Facts({"born": "2025-01-01"}, history={"E": [Happening(0)]})
    assert truth({"event": "E", "within": "30d"}, facts) is None
    assert truth({"event": "E", "within": {"to": "2025-01-01"}}, facts) is True
    assert truth({"trait": "born", "op": "within_last", "value": "7d"}, facts) is None
    assert truth({"trait": "born", "op": "before", "value": {"ago": "7d"}}, facts) is None
    assert truth({"event": "E", "within": "30d"}, Facts(now_ms=0)) is None


def test_every_date_is_on_one_side_of_every_span() -> None:
    reached = counter("spans from now")
    dates = [*whole.DATES, "2025-03-30T00:30:00Z", "2025-03-30", "2024-03-31", "2025-04-01T00:30:00.000001Z"]

    @whole.proven
    @given(st.sampled_from(dates), st.sampled_from(whole.SPANS), st.sampled_from(whole.ZONES))
    def check(date: str, span: str, zone: tzinfo) -> None:
        facts = Facts({"t": date}, now_ms=whole.NOW, zone=zone)
        answers = [
            truth({"trait": "t", "op": op, "value": span}, facts)
            for op in ("older_than", "within_last", "within_next")
        ]
        assert answers.count(True) <= 1
        assert answers[1] == truth({"trait": "t", "op": "during", "value": span}, facts)
        if "T" in date:
            ahead = truth({"trait": "t", "op": "after", "value": {"ahead": span}}, facts)
            assert [*answers, ahead].count(True) == 1
        reached.update(
            {"cases": 1, "in": True in answers, "at the edge": span == "1d" and date.endswith("30T00:30:00Z")}
        )

    check()
    assert_floor("spans from now", **{"in": 50, "at the edge": 1})


@pytest.mark.parametrize(
    ("now", "value", "born", "expected"),
    [
        ("2025-02-28T12:00:00Z", "today", "2000-02-29", True),
        ("2025-03-01T12:00:00Z", "today", "2000-02-29", False),
        ("2024-02-28T12:00:00Z", "today", "2000-02-29", False),
        ("2024-02-29T12:00:00Z", "today", "2000-02-29", True),
        ("2025-12-30T12:00:00Z", {"within_next": "7d"}, "1990-01-02", True),
        ("2025-01-02T12:00:00Z", {"within_last": "7d"}, "1990-12-30", True),
        ("2025-05-01T12:00:00Z", "today", "2025-05-01", False),
        ("2025-05-01T12:00:00Z", {"within_next": "52w"}, "2025-05-01", False),
        ("2025-05-01T12:00:00Z", {"within_next": "366d"}, "2025-05-01", True),
        ("2025-05-01T12:00:00Z", "today", "2026-05-01", False),
        ("2025-05-01T12:00:00Z", "today", "1990-04-30T20:00:00Z", False),
    ],
)  # fmt: skip
def test_anniversaries(now: str, value: Any, born: str, expected: bool) -> None:
    rule = {"trait": "t", "op": "anniversary", "value": value}
    assert truth(rule, Facts({"t": born}, now_ms=ms(now))) is expected


def test_the_persons_calendar_decides_the_day() -> None:
    """At eight in the evening UTC it is tomorrow in Shanghai; a full-date is that day for everybody."""
    today = {"trait": "t", "op": "anniversary", "value": "today"}
    assert truth(today, Facts({"t": "1990-05-01"}, now_ms=ms("2025-04-30T20:00:00Z"), zone=SHANGHAI)) is True
    assert truth(today, Facts({"t": "1990-05-01"}, now_ms=ms("2025-04-30T20:00:00Z"))) is False
    assert (
        truth(today, Facts({"t": "1990-04-30T20:00:00Z"}, now_ms=ms("2025-05-01T02:00:00Z"), zone=SHANGHAI))
        is True
    )
    begins = {"trait": "t", "op": "eq", "value": {"start_of": "this_month"}}
    assert truth(begins, Facts({"t": "2025-05-01"}, now_ms=ms("2025-05-10T00:00:00Z"), zone=SHANGHAI)) is True
    before = {"trait": "t", "op": "before", "value": {"start_of": "this_month"}}
    assert (
        truth(before, Facts({"t": "2025-05-01"}, now_ms=ms("2025-05-10T00:00:00Z"), zone=NEW_YORK)) is False
    )
    this_month = {"trait": "t", "op": "during", "value": "this_month"}
    assert (
        truth(this_month, Facts({"t": "2025-05-01"}, now_ms=ms("2025-05-10T00:00:00Z"), zone=NEW_YORK))
        is True
    )


def totals(*values: Any) -> Facts:
    history = [Happening(n, {"total": value}, str(n)) for n, value in enumerate(values)]
    return Facts({}, {"E": state_of(history)}, history={"E": history})


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ({"sum": {"property": "total", "eq": 3}}, (1, 2), True),
        ({"sum": {"property": "total", "eq": 2**63 - 1}}, (2**63 - 2, 1), True),
        ({"sum": {"property": "total", "eq": 10**16 + 1}}, (10**16, 1), True),
        ({"sum": {"property": "total", "gt": 0}}, (1e308, 1e308, -1e308), True),
        ({"sum": {"property": "total", "eq": 1}}, (1e16, 1, -1e16), True),
        ({"sum": {"property": "total", "gt": 0}}, ("5", True, None), None),
        ({"sum": {"property": "total", "eq": 0}, "count": {"gte": 0}}, (), True),
        ({"sum": {"property": "total", "eq": 0}}, (), False),
        ({"avg": {"property": "total", "eq": 1.5}}, (1, 2, "x"), True),
        ({"avg": {"property": "total", "gte": 0}, "count": {"gte": 0}}, (), False),
        ({"min": {"property": "total", "eq": -1}}, (3, -1, 2.5), True),
        ({"max": {"property": "total", "lte": 3}}, (3, -1, None), True),
        ({"max": {"property": "total", "lte": 3}}, (None,), None),
        ({"distinct": {"property": "total", "eq": 3}}, (1, 1.0, True, "1", None, [1], "1"), True),
        ({"distinct": {"property": "total", "eq": 1}}, ("2025-01-01T00:00:00Z", "2025-01-01T08:00:00+08:00"), True),
        ({"distinct": {"property": "total", "eq": 0}}, (None,), True),
        ({"first": {"property": "total", "eq": 7}, "last": {"property": "total", "missing": True}}, (7, 1, None), True),
        ({"last": {"property": "total", "gt": 1}}, ("x",), None),
        ({"last": {"property": "total", "gt": 1}}, (), False),
    ],
)  # fmt: skip
def test_what_values_come_to(
    condition: dict[str, Any], values: tuple[Any, ...], expected: bool | None
) -> None:
    assert truth({"event": "E", **condition}, totals(*values)) is expected


def test_aggregates_do_not_hang_on_the_order_of_arrival() -> None:
    reached = counter("order of arrival")
    amounts = st.sampled_from([0.1, 0.2, 1e16, -1e16, 3, 10**18, "x", None])
    kinds = ["sum", "avg", "min", "max", "distinct"]

    @whole.proven
    @given(st.lists(st.tuples(st.integers(0, 2), amounts), max_size=6), st.integers(), st.sampled_from(kinds))
    def check(drawn: list[tuple[int, Any]], seed: int, kind: str) -> None:
        history = [Happening(at, {"p": amount}, str(n)) for n, (at, amount) in enumerate(drawn)]
        shuffled = random.Random(seed).sample(history, len(history))
        rule = parse(
            {
                "event": "E",
                kind: {"property": "p", "gt": 0.3},
                "first": {"property": "p", "gt": 1},
                "last": {"property": "p", "lt": 1},
            }
        )
        one, other = (explain(rule, Facts(history={"E": each})) for each in (history, shuffled))
        assert one == other
        reached.update(
            {"cases": 1, "tie": len({at for at, _ in drawn}) < len(drawn), "moved": shuffled != history}
        )

    check()
    assert_floor("order of arrival", tie=50, moved=30)


DAY = 86_400_000


def happened(*events: tuple[str, int] | tuple[str, int, dict[str, Any]]) -> Facts:
    history: dict[str, list[Happening]] = {}
    for name, day, *properties in events:
        history.setdefault(name, []).append(Happening(day * DAY, properties[0] if properties else {}))
    return Facts(now_ms=100 * DAY, history=history)


@pytest.mark.parametrize(
    ("extra", "events", "expected"),
    [
        ({}, [("A", 1), ("B", 2)], True),
        ({}, [("B", 1), ("A", 2)], False),
        ({}, [("A", 1), ("B", 1)], False),
        ({"without": {"event": "C"}}, [("A", 1), ("C", 2), ("B", 3)], False),
        ({"without": {"event": "C"}}, [("A", 1), ("C", 2), ("A", 3), ("B", 4)], True),
        ({"without": {"event": "C"}}, [("A", 1), ("C", 1), ("C", 3), ("B", 3)], True),
        ({"within": "90d"}, [("A", 10), ("B", 11)], False),
        ({"within": "90d"}, [("A", 11), ("B", 12)], True),
        ({"same": {"A": "k", "B": "k[]"}}, [("A", 1, {"k": 1}), ("B", 2, {"k": [2, 1]})], True),
        ({"same": {"A": "k", "B": "k"}}, [("A", 1, {"k": 1}), ("B", 2, {"k": 2}), ("B", 3, {})], False),
        ({"same": {"A": "k", "B": "k"}}, [("A", 1, {"k": 1}), ("B", 2, {"k": True})], False),
        ({"same": {"A": "k", "B": "k", "C": "k"}, "without": {"event": "C"}}, [("A", 1, {"k": 1}), ("C", 2, {"k": 2}), ("B", 3, {"k": 1})], True),
        ({"same": {"A": "k", "B": "k"}, "without": {"event": "C"}}, [("A", 1, {"k": 1}), ("C", 2, {"k": 2}), ("B", 3, {"k": 1})], False),
    ],
)  # fmt: skip
def test_sequences(extra: dict[str, Any], events: list[Any], expected: bool) -> None:
    assert truth({"sequence": [{"event": "A"}, {"event": "B"}], **extra}, happened(*events)) is expected


def test_the_sequence_is_found_exactly_when_there_is_one() -> None:
    """Against trying every way to pick one event a step."""
    reached = counter("sequence")
    kinds = st.sampled_from("ABC")
    events = st.lists(st.tuples(kinds, st.integers(0, 6), st.integers(1, 2)), min_size=3, max_size=8)
    steps = st.lists(st.tuples(kinds, st.sampled_from([None, 1, 2])), min_size=2, max_size=3)

    @some.proven
    @given(events, steps, st.booleans(), st.sampled_from([None, "C", "B"]))
    def check(
        drawn: list[tuple[str, int, int]],
        chain: list[tuple[str, int | None]],
        keyed: bool,
        without: str | None,
    ) -> None:
        data: dict[str, Any] = {"sequence": [{"event": name} for name, _ in chain]}
        for step, (_, days) in list(zip(data["sequence"], chain, strict=True))[1:]:
            step |= {} if days is None else {"within": f"{days}d"}
        data |= {"same": dict.fromkeys(sorted({name for name, _ in chain}), "k")} if keyed else {}
        data |= {} if without is None else {"without": {"event": without}}
        named = {name for name, _ in chain} if keyed else set()
        found = any(
            all(a[1] < b[1] for a, b in pairwise(pick))
            and all(
                days is None or b[1] - a[1] <= days
                for a, b, (_, days) in zip(pick, pick[1:], chain[1:], strict=False)
            )
            and (not keyed or len({each[2] for each in pick}) == 1)
            and not any(
                name == without
                and pick[0][1] < day < pick[-1][1]
                and (name not in named or key == pick[0][2])
                for name, day, key in drawn
            )
            for pick in product(*([each for each in drawn if each[0] == name] for name, _ in chain))
        )
        assert truth(data, happened(*((name, day, {"k": key}) for name, day, key in drawn))) is found
        reached.update(
            {
                "cases": 1,
                "found": found,
                "tie": len({day for _, day, _ in drawn}) < len(drawn),
                "barred": without is not None,
            }
        )

    check()
    assert_floor("sequence", found=30, tie=40, barred=40)


def test_a_long_history_is_walked_once() -> None:
    """Every step meets every event; trying pairs would take minutes."""
    day = timedelta(days=1) // timedelta(milliseconds=1)
    history = {"A": [Happening(n) for n in range(20_000)], "B": [Happening(n + day) for n in range(20_000)]}
    rule = parse(
        {
            "sequence": [{"event": "A"}, {"event": "A", "within": "1d"}, {"event": "B", "within": "1d"}],
            "without": {"event": "C"},
        }
    )
    assert evaluate(rule, Facts(history=history | {"C": [Happening(n) for n in range(100)]}))


def test_many_values_of_the_same_are_walked_once() -> None:
    history = {name: [Happening(n + at, {"k": n}) for n in range(20_000)] for at, name in enumerate("AB")}
    rule = parse({"sequence": [{"event": "A"}, {"event": "B"}], "same": {"A": "k", "B": "k"}})
    assert len(explain(rule, Facts(history=history))["value"]) == 20_000
