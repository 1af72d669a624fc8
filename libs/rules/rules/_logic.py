"""Three-valued logic: True, False and None for unknown (Kleene's strong tables)."""

from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Truth: TypeAlias = bool | None


def all_true(truths: Iterable[Truth]) -> Truth:
    answer: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            answer = None
    return answer


def any_true(truths: Iterable[Truth]) -> Truth:
    return negate(all_true(negate(truth) for truth in truths))


def negate(truth: Truth) -> Truth:
    return None if truth is None else not truth


def conjunction(tests: tuple[Callable[[T], Truth], ...]) -> Callable[[T], Truth]:
    """`all_true` of tests, stopping at the first false; a plain loop, for this is the hot path."""
    if len(tests) == 1:
        return tests[0]

    def run(subject: T) -> Truth:
        answer: Truth = True
        for test in tests:
            truth = test(subject)
            if truth is False:
                return False
            if truth is None:
                answer = None
        return answer

    return run


def disjunction(tests: tuple[Callable[[T], Truth], ...]) -> Callable[[T], Truth]:
    """`any_true` of tests, stopping at the first true."""
    if len(tests) == 1:
        return tests[0]

    def run(subject: T) -> Truth:
        answer: Truth = False
        for test in tests:
            truth = test(subject)
            if truth is True:
                return True
            if truth is None:
                answer = None
        return answer

    return run
