"""Makes up consistent histories of identities, merges, events, traits and consents, as PROFILE would tell them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from chassis.ids import derived_id
from hypothesis import strategies as st
from waypost.profile.v1 import consent_pb2, profile_events_pb2

EVENTS = ("Viewed", "Order Completed")
TRAITS = ("city", "age")
RULES: tuple[Any, ...] = (
    {"event": "Order Completed", "count": {"gte": 2}},
    {"event": "Order Completed", "count": {"eq": 0}},
    {"not": {"event": "Viewed"}},
    {"all": [{"trait": "city", "op": "eq", "value": "x"}, {"event": "Viewed"}]},
    {"trait": "age", "op": "missing"},
    {"everyone": True},
    {"event": "Viewed", "last": {"after": "1970-01-01T00:00:00.004Z"}},
    {"consent": {"channel": "sms", "purpose": "marketing"}},
    {"all": [{"event": "Viewed"}, {"consent": {"channel": "sms", "purpose": "marketing", "topic": "news"}}]},
)
"""Of every kind that matters here: rising, falling, of all facts, true for a stranger."""


@dataclass(frozen=True)
class Act:
    kind: str
    who: int
    other: int
    at: int
    value: Any
    rank: int = 0


acts = st.lists(
    st.builds(
        Act,
        kind=st.sampled_from(("event", "event", "traits", "consent", "consent", "merge")),
        who=st.integers(0, 4),
        other=st.integers(0, 4),
        at=st.integers(0, 8),
        value=st.sampled_from(("x", "y", None)),
        rank=st.sampled_from((0, 0, 1, -2)),
    ),
    min_size=1,
    max_size=14,
)


def identity(n: int) -> UUID:
    return derived_id("identity", str(n))


@dataclass
class History:
    """Applies acts one after another and remembers the records."""

    records: list[bytes] = field(default_factory=list)
    merges: int = 0
    _person: dict[int, int] = field(default_factory=dict)
    _version: dict[int, int] = field(default_factory=dict)
    _clock: int = 0

    def act(self, act: Act) -> None:
        self._meet(act.who)
        if act.kind == "merge":
            self._meet(act.other)
            self._merge(act)
            return
        record = self._record(act.who, act.at)
        if act.kind == "event":
            record.event.name = EVENTS[act.other % len(EVENTS)]
        elif act.kind == "consent":
            self._state(act, record.consent.stated)
        else:
            record.traits.traits_json = msgspec.json.encode({TRAITS[act.other % len(TRAITS)]: act.value})
            record.traits.rank = act.rank
            record.traits.keep_all.append("age")
        self.records.append(record.SerializeToString())

    def _state(self, act: Act, fact: Any) -> None:
        """x grants SMS, y withdraws its news, and None everything; some of it of one number."""
        person = self._person[act.who]
        fact.consent_id = str(UUID(int=(act.at << 64) + self._tick()))
        fact.state = (
            consent_pb2.CONSENT_STATE_GRANTED if act.value == "x" else consent_pb2.CONSENT_STATE_WITHDRAWN
        )
        if act.value is not None:
            fact.scope.channel, fact.scope.purpose = "sms", "marketing"
            fact.scope.topic = "news" if act.value == "y" else ""
        fact.contact_key = (b"p" * 16).hex() if act.other == 0 else ""
        fact.identity_ids.extend(str(identity(n)) for n, its in self._person.items() if its == person)

    def _meet(self, n: int) -> None:
        if n not in self._person:
            self._person[n] = n
            self._version[n] = self._tick()

    def _merge(self, act: Act) -> None:
        one, two = sorted((self._person[act.who], self._person[act.other]))
        if one == two:
            return
        self.merges += 1
        moved = [n for n, person in self._person.items() if person == two]
        for n in moved:
            self._person[n], self._version[n] = one, self._tick()
        record = self._record(one, act.at)
        record.merged.merged_profile_ids.append(str(identity(two)))
        for n in moved:
            record.merged.memberships.add(
                identity_id=str(identity(n)),
                profile_id=str(identity(one)),
                profile_no=one,
                version=self._version[n],
            )
        self.records.append(record.SerializeToString())

    def _record(self, n: int, at: int) -> Any:
        record = profile_events_pb2.ProfileRecord()
        record.meta.record_id = str(derived_id("record", str(self._tick())))
        record.meta.event_time.FromMilliseconds(at)
        record.person.identity_id = str(identity(n))
        record.person.profile_id = str(identity(self._person[n]))
        record.person.profile_no = self._person[n]
        record.person.identity_version = self._version[n]
        return record

    def _tick(self) -> int:
        self._clock += 1
        return self._clock


def history_of(done: Sequence[Act]) -> History:
    history = History()
    for act in done:
        history.act(act)
    return history
