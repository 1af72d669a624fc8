"""The laws of consent, over the planner alone: order never matters, and no company loosens what somebody withdrew."""

from collections import Counter
from uuid import UUID

from consents import PERSON, Entry, Scope, deciding
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain.consent import channels_of, concerns_messages, refusal
from profile_service.domain.consent_terms import problem
from profile_service.usecases.take_opt_outs import _MARK
from waypost.dispatch.v1 import message_events_pb2

SEEN: Counter[str] = Counter()
PHONE, OTHER = b"p" * 16, b"o" * 16
ASKED = [
    Scope("sms", "marketing"),
    Scope("sms", "marketing", "news"),
    Scope("email", "transactional", "", "s1"),
]


def entries_of(identities: range) -> st.SearchStrategy[list[Entry]]:
    """Ids are unique, as the ledger's are."""
    made = st.builds(
        Entry,
        st.integers(1, 10**6).map(lambda n: UUID(int=n)),
        st.sampled_from(identities).map(lambda n: UUID(int=n)),
        st.sampled_from([PERSON, PERSON, PHONE, OTHER]),
        st.builds(
            Scope,
            st.sampled_from(["", "sms", "sms", "email"]),
            st.sampled_from(["", "marketing", "marketing", "transactional"]),
            st.sampled_from(["", "", "news"]),
            st.sampled_from(["", "", "s1"]),
        ),
        st.booleans(),
        st.sampled_from(["shop", "unsubscribed"]),
    )
    return st.lists(made, max_size=12, unique_by=lambda e: e.consent_id)


def strictness(entry: Entry | None) -> int:
    return 0 if entry is None else 1 + entry.withdrawn


@settings(max_examples=400, derandomize=True)
@given(
    entries_of(range(3)), entries_of(range(3, 6)), st.sampled_from(ASKED), st.randoms(use_true_random=False)
)
def test_the_order_of_arrival_does_not_matter(
    own: list[Entry], others: list[Entry], asked: Scope, order: object
) -> None:
    expected = deciding(own, asked, PHONE, others)
    for several in (own, others):
        order.shuffle(several)  # type: ignore[attr-defined]
    assert deciding(own, asked, PHONE, others) == expected
    SEEN["withdrawn" if strictness(expected) == 2 else "granted" if expected else "unknown"] += 1


@settings(max_examples=400, derandomize=True)
@given(
    entries_of(range(3)), entries_of(range(3, 6)), st.sampled_from(ASKED), st.sampled_from([PERSON, PHONE])
)
def test_merging_people_never_loosens_and_splitting_gives_each_back_what_was_theirs(
    first: list[Entry], second: list[Entry], asked: Scope, at: bytes
) -> None:
    alone = [strictness(deciding(own, asked, at)) for own in (first, second)]
    together = deciding([*first, *second], asked, at)
    assert strictness(together) == max(alone)
    SEEN["merge tightens"] += alone[0] != alone[1]


@settings(max_examples=400, derandomize=True)
@given(entries_of(range(2)), entries_of(range(2, 6)), st.sampled_from(ASKED))
def test_whoever_shares_a_number_can_close_it_and_never_open_it(
    own: list[Entry], others: list[Entry], asked: Scope
) -> None:
    alone, shared = deciding(own, asked, PHONE), deciding(own, asked, PHONE, others)
    theirs = deciding(others, asked, PHONE)
    if theirs is not None and theirs.withdrawn:
        assert strictness(shared) == 2
        SEEN["closed by another"] += strictness(alone) < 2
    else:
        assert shared == alone


@settings(max_examples=300, derandomize=True)
@given(entries_of(range(1)), st.sampled_from(ASKED), st.booleans())
def test_of_one_identity_a_newer_entry_that_covers_the_question_decides(
    own: list[Entry], asked: Scope, withdrawn: bool
) -> None:
    newest = Entry(UUID(int=10**7), UUID(int=0), PERSON, asked, withdrawn, "shop")
    assert deciding([newest, *own], asked) == newest
    everything = newest._replace(scope=Scope("", ""), withdrawn=True)
    for scope in ASKED:
        assert deciding([*own, everything], scope, PHONE) == everything
    SEEN["lifted"] += strictness(deciding(own, asked)) == 2 and not withdrawn


def test_the_interesting_branches_were_reached() -> None:
    print(dict(SEEN))
    assert min(SEEN["withdrawn"], SEEN["granted"], SEEN["unknown"]) > 20
    assert SEEN["merge tightens"] > 60
    assert SEEN["closed by another"] > 30
    assert SEEN["lifted"] > 20


def test_a_refusal_says_what_the_recipient_did_and_only_marketing_can_need_a_grant() -> None:
    marketing, service = Scope("sms", "marketing"), Scope("sms", "transactional")
    assert [refusal(None, s, required) for s in (marketing, service) for required in (False, True)] == [
        "",
        "no_consent",
        "",
        "",
    ]
    said = Entry(UUID(int=1), UUID(int=1), PERSON, marketing, True, "shop")
    for source, reason in (
        ("shop", "no_consent"),
        ("unsubscribed", "unsubscribed"),
        ("complaint", "complaint"),
    ):
        assert refusal(said._replace(source=source), marketing, required=False) == reason
    assert refusal(said._replace(withdrawn=False), marketing, required=True) == ""


def test_what_an_entry_must_say() -> None:
    sound = [
        (Scope("sms", "marketing"), False, "consent"),
        (Scope("", "profiling"), False, "consent"),
        (Scope("", ""), True, ""),
        (Scope("wechat", "marketing"), True, ""),
    ]
    assert [problem(*one) for one in sound] == [None] * 4
    wrong = {
        "channel": [(Scope("pigeon", "marketing"), True, ""), (Scope("", "marketing"), False, "consent")],
        "purpose": [(Scope("sms", "fun"), True, ""), (Scope("sms", ""), False, "consent")],
        "legal_basis": [(Scope("sms", "marketing"), False, ""), (Scope("sms", "marketing"), True, "habit")],
    }
    for field, several in wrong.items():
        found = [problem(*one) for one in several]
        assert [one and one.field for one in found] == [field] * 2


def test_dispatch_is_told_of_what_concerns_messages() -> None:
    assert channels_of(Scope("", "")) == ("sms", "email")
    assert channels_of(Scope("wechat", "marketing")) == ()
    told = [Scope("sms", "marketing"), Scope("", ""), Scope("sms", "", "news", "s1")]
    assert [concerns_messages(s) for s in (*told, Scope("", "profiling"))] == [True, True, True, False]


def test_an_opt_out_is_found_without_decoding() -> None:
    record = message_events_pb2.MessageRecord(opted_out=message_events_pb2.OptedOut())
    assert record.SerializeToString().startswith(_MARK)
