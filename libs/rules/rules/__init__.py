"""The one rule language: read, check, evaluate in memory, and say in English and Chinese.

Pure: no I/O, no clock. `parse` turns JSON into a `Rule`; `compile_rule` turns a rule into a fast test of one
person's `Facts`. A node kind is one file in `nodes/`, an operator (or a small family) one file in `operators/`.

**Three values.** A test answers true, false or *unknown*; at the top unknown counts as false.
`all` is false if any part is false, else unknown if any part is unknown; `any` is its mirror image; `not` leaves
unknown unknown. So De Morgan's laws and double negation hold without exception, while "r or not r" does not:
where a value is missing, neither `r` nor `{"not": r}` selects the person.

**Missing.** An absent trait or property, or one that is null, is missing. An empty text or list is a value.
`exists` answers false and `missing` true; every other operator answers unknown, the negative ones
(`ne not_in not_contains none_of`) too: nobody is "not from Shanghai" for want of a city.

**Types** are never coerced. Integers and floats compare as numbers; a boolean is not a number; texts compare by
code point. A text that is an RFC 3339 date-time, or a full-date (midnight UTC), is an instant, to the microsecond:
two such texts compare as instants, in order and in equality. What each operator does with other types:

    eq ne in not_in                 read every type; values of different types differ. A list equals a list with the
                                    same elements in the same order; an object equals nothing. `in` is `eq` with any.
    gt gte lt lte between           number with number, text with text; a date in the rule wants a date in the data;
                                    otherwise unknown. `between` includes both ends.
    contains not_contains           a list: has an equal element; a text and a text: is a substring; otherwise unknown.
    starts_with ends_with           texts; otherwise unknown.
    any_of all_of none_of           a list, or a scalar as a list of one; an object is unknown. `all_of`: every value of
                                    the rule is in the data.

Hence these are exact opposites, unknown included: eq/ne, in/not_in, gt/lte, gte/lt, contains/not_contains,
any_of/none_of, exists/missing.

**Events.** The count is always known: no state means 0. Without `count` the rule asks for at least one. `first` and
`last` are false for an event that never happened, unknown when the count is positive but the time is not known;
`before` and `after` are strict. Several conditions in one node must all hold.
"""

from rules._facts import EventState, Facts
from rules._parsing import parse
from rules._predicates import Predicate, compile_predicates, match, parse_predicates
from rules._reading import MAX_DEPTH, MAX_NODES, MAX_VALUES, Reason, RuleError, RuleProblem
from rules._rule import Rule
from rules._surface import compile_rule, describe, evaluate, events_of, explain, render, traits_of

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "MAX_VALUES",
    "EventState",
    "Facts",
    "Predicate",
    "Reason",
    "Rule",
    "RuleError",
    "RuleProblem",
    "compile_predicates",
    "compile_rule",
    "describe",
    "evaluate",
    "events_of",
    "explain",
    "match",
    "parse",
    "parse_predicates",
    "render",
    "traits_of",
]
