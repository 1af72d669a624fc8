"""The one rule language: read, check, evaluate in memory, and say in English and Chinese.

Pure: no I/O, no clock. `parse` turns JSON into a `Rule`; `compile_rule` turns a rule into a fast test of one person's
`Facts`; `needs` says which facts can change its answer, and `cost_of` what that costs. A node kind is one file in
`nodes/`, an operator (or a small family) one in `operators/`, a kind of predicate one in `predicates/`, a kind of value that
hangs on the person or the clock one in `references/`; each holds its schema, its logic and its words.

**Three values.** A test answers true, false or *unknown*; at the top unknown counts as false.
`all` is false if any part is false, else unknown if any part is unknown; `any` is its mirror image; `not` leaves
unknown unknown. So De Morgan's laws and double negation hold without exception, while "r or not r" does not:
where a value is missing, neither `r` nor `{"not": r}` selects the person. Nothing raises, whatever the data.

**Missing.** An absent trait or property, or one that is null, is missing. An empty text or list is a value.
`exists` answers false and `missing` true; every other operator answers unknown, the negative ones
(`ne not_in not_contains none_of`) too: nobody is "not from Shanghai" for want of a city. What a node has in place of a
missing value:

    trait score rfm stage           unknown
    event message                   the count of what never happened is 0, which is known; see Events
    tag segment in_journey consent  not carried, not inside, not consented: known, false; of a tag that is carried the
                                    weight, confidence or time that is not known is unknown
    any of them                     unknown where the facts were not loaded (None in `Facts`)

**Types** are never coerced. Integers and floats compare as numbers; a boolean is not a number; texts compare by
code point, in Unicode's form NFC: whoever stores data folds it with `fold`, once, and the names and texts of a rule are
folded as they are read. Case and width count. A text that
is an RFC 3339 date-time, or a full-date (midnight UTC), is an instant, to the microsecond: two such texts compare as
instants, in order and in equality. Money is an integer of minor units of the workspace's currency, so sums and limits
are exact. What each operator does with other types:

    eq ne in not_in                 read every type; values of different types differ. A list equals a list with the
                                    same elements in the same order; an object equals nothing. `in` is `eq` with any.
    gt gte lt lte between           number with number, text with text; a date in the rule wants a date in the data;
                                    otherwise unknown. `between` includes both ends.
    contains not_contains           a list: has an equal element; a text and a text: is a substring; otherwise unknown.
    starts_with ends_with matches   texts; otherwise unknown. `matches` searches, in linear time.
    any_of all_of none_of           a list, or a scalar as a list of one; an object is unknown. `all_of`: every value of
                                    the rule is in the data.
    before after                    dates; otherwise unknown. Strict.
    within_last within_next older_than during anniversary weekday time_of_day
                                    dates; otherwise unknown, and unknown without a clock. Here a full-date is the day on
                                    the person's calendar. `within_last` excludes the far end and includes now,
                                    `within_next` excludes now and includes the far end, `older_than` includes its end.
    near                            objects with `lat` and `lng`; otherwise unknown. The edge is inside.
    changed changed_to              read the trait's changes, not its value; unknown only where these are not loaded.

Hence these are exact opposites, unknown included: eq/ne, in/not_in, gt/lte, gte/lt, contains/not_contains,
any_of/none_of, exists/missing.

**References** may stand for a single value: another trait, a published percentile, a moment (`{"ago": "30d"}`). One that
is missing, or of a type that the operator does not take, makes the comparison unknown. Against a moment told from now a
full-date is the day on the person's calendar.

**Paths.** `shop.city` is a member of an object. `products[].price` means some element: true if true of one, else unknown
if unknown of one, else false; no element at all is a missing value. So with `[]` the negative operators ask for
some element that is otherwise; for "no element" write `not` around the positive one. `{"property": "products", "where":
[…]}` asks several things of one and the same element.

**Events.** `where` and `within` choose among the events of a name; one of which `where` is unknown is not chosen. The
count of the chosen is always known. Without `count` the rule asks for at least one. `first` and `last`, and aggregates
other than `sum` and `distinct` (0 then), are false where nothing was chosen. `first` and `last` are unknown when the count
is positive but the time is not known; `before` and `after` are strict. Several conditions in one node must all hold.

**Windows.** `30d` is later than 30 days ago, up to and including now: an event leaves the moment it is that old.
`{"from", "to"}` includes `from` and excludes `to`. A period of the calendar (`this_month`) includes its first moment and
excludes the first of the next. Days and weeks in `30d` and `8w` are 24 hours and seven of these; `6mo` and `1y` keep the
clock and the day of the month on the person's calendar (31 March less a month is the last of February). The first and
the last event of one millisecond are told apart by id; a sequence takes neither for the later one.

**Time zones.** Instants are UTC inside. The person's zone (`Facts.zone`) decides what months, years, periods of the
calendar, anniversaries, weekdays and times of the day are; weeks begin on Monday. Who was born on 29 February has the
anniversary on the 28th of a common year.
"""

from rules._facts import (
    Consent,
    EventState,
    Facts,
    Happening,
    MessageState,
    TagState,
    TraitChange,
    state_of,
)
from rules._folding import fold, is_folded
from rules._needs import LOADED, SUMMARY, Cost, FactKind, Need
from rules._parsing import parse
from rules._predicate import Predicate
from rules._predicates import compile_predicates, match, parse_predicates
from rules._reading import MAX_DEPTH, MAX_NODES, MAX_VALUES, Reason, RuleError, RuleProblem
from rules._rule import Rule, cost_of
from rules._schema import Schema
from rules._surface import (
    compile_rule,
    describe,
    evaluate,
    events_of,
    explain,
    kinds_of,
    language,
    needs,
    normalise,
    render,
    traits_of,
)
from rules._types import Type
from rules._windows import Window

__all__ = [
    "LOADED",
    "MAX_DEPTH",
    "MAX_NODES",
    "MAX_VALUES",
    "SUMMARY",
    "Consent",
    "Cost",
    "EventState",
    "FactKind",
    "Facts",
    "Happening",
    "MessageState",
    "Need",
    "Predicate",
    "Reason",
    "Rule",
    "RuleError",
    "RuleProblem",
    "Schema",
    "TagState",
    "TraitChange",
    "Type",
    "Window",
    "compile_predicates",
    "compile_rule",
    "cost_of",
    "describe",
    "evaluate",
    "events_of",
    "explain",
    "fold",
    "is_folded",
    "kinds_of",
    "language",
    "match",
    "needs",
    "normalise",
    "parse",
    "parse_predicates",
    "render",
    "state_of",
    "traits_of",
]
