"""plan_sends: every claimed message goes out, waits or is refused; exactly one of the three, with a reason."""

from collections import Counter
from datetime import timedelta

from dispatch_service.domain.content import Content
from dispatch_service.domain.messages import Contact, Scope, mask
from dispatch_service.domain.sends import LONGEST_PAUSE, Facts, Rendered, plan_sends, retry_at
from hypothesis import given, settings
from hypothesis import strategies as st

from ._made import NOW, claimed, intention

cases = st.lists(
    st.tuples(
        st.booleans(),  # has an address
        st.sampled_from(["", "run_exited", "superseded"]),
        st.sampled_from(["", "", "", "template_unknown", "template_failed"]),
        st.sampled_from([*[timedelta(hours=1)] * 8, timedelta(0), timedelta(seconds=-1)]),
        st.booleans(),  # has a run
        st.sampled_from(["", "", "", "no_consent", "unsubscribed"]),
    ),
    max_size=30,
)
reached: Counter[str] = Counter()


@settings(derandomize=True, max_examples=200)
@given(cases, st.booleans(), st.booleans())
def test_every_message_lands_once(
    made: list[tuple[bool, str, str, timedelta, bool, str]], contacts_known: bool, runs_known: bool
) -> None:
    messages = [
        claimed(n, not_after=NOW + left, run_id=f"run{n}" if has_run else "")
        for n, (_, _, _, left, has_run, _) in enumerate(made)
    ]
    ids = [one.intention.message_id for one in messages]
    contacts = {
        one.intention.identity_id: Contact(
            b"k",
            "+8613800000001",
            refusals={Scope("marketing"): case[5], Scope("transactional"): "no_consent"},
        )
        for one, case in zip(messages, made, strict=True)
        if case[0]
    }
    verdicts = {i: case[1] for i, case in zip(ids, made, strict=True) if case[4]}
    texts = {
        i: Rendered(Content(text="" if case[2] else "hi"), case[2]) for i, case in zip(ids, made, strict=True)
    }
    facts = Facts(contacts if contacts_known else None, verdicts if runs_known else None, texts)

    plan = plan_sends(messages, facts, NOW)

    landed = [s.claimed for s in plan.sends] + [r.claimed for r in plan.refusals]
    landed += [d.claimed for d in plan.deferrals]
    assert Counter(one.intention.message_id for one in landed) == Counter(ids)
    sent = {s.claimed.intention.message_id for s in plan.sends}
    for message_id, (has_address, verdict, problem, left, has_run, refusal) in zip(ids, made, strict=True):
        fit = (
            has_address
            and not refusal
            and not problem
            and left > timedelta(0)
            and (not has_run or not verdict)
        )
        asked = contacts_known and (runs_known or not has_run)
        assert (message_id in sent) == (fit and asked)
    assert all(d.not_before <= max(NOW, d.claimed.intention.not_after) for d in plan.deferrals)
    reached.update(r.reason for r in plan.refusals)
    reached.update(d.reason for d in plan.deferrals)
    reached["sent"] += len(plan.sends)


def test_every_reason_was_reached() -> None:
    test_every_message_lands_once()
    print(dict(reached))
    wanted = {"expired", "template_unknown", "template_failed", "run_exited", "superseded", "no_address"}
    wanted |= {"no_consent", "unsubscribed"}
    assert wanted | {"consent_unavailable", "run_state_unavailable", "sent"} <= set(reached)


def test_pauses_double_up_to_half_a_minute_and_never_pass_expiry() -> None:
    pauses = [retry_at(claimed(1, attempt), NOW) - NOW for attempt in (1, 2, 3, 10, 10_000)]
    assert pauses == [timedelta(seconds=s) for s in (0.5, 1, 2, 30, 30)]
    soon = claimed(1, 10, not_after=NOW + timedelta(seconds=3))
    assert retry_at(soon, NOW) == soon.intention.not_after
    assert retry_at(claimed(1), NOW, timedelta(seconds=7)) == NOW + timedelta(seconds=7)
    assert timedelta(seconds=30) == LONGEST_PAUSE


def test_a_masked_address_shows_its_ends_only() -> None:
    assert mask("+8613812345678") == "+86138****5678"
    assert mask("+86") == "****6"
    assert intention().profile_id


@given(st.text(st.characters(exclude_characters="@"), min_size=1, max_size=40))
def test_at_least_four_characters_stay_hidden(address: str) -> None:
    shown = len(mask(address)) - 4
    assert shown <= max(1, len(address) - 4) if len(address) >= 3 else shown == 0


def test_of_a_mailbox_only_its_first_letter_is_shown() -> None:
    assert mask("zhangsan@example.com") == "z***@example.com"
    assert mask("@") == "***@"
