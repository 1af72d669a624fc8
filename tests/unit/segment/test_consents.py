"""Which consents a person's entries grant to a rule."""

from uuid import UUID

import pytest
from consents import PERSON, Entry, Scope
from rules import Consent, evaluate, parse
from segment_service.domain.facts import Known

SMS = Scope("sms", "marketing")
NEWS = Scope("sms", "marketing", "news")
ALL = Scope("", "")
PHONE, OTHER = b"p" * 16, b"o" * 16


def said(*entries: tuple[int, bytes, Scope, bool]) -> Known:
    """(identity, contact key, scope, withdrawn), the oldest first."""
    return Known(
        consents=[
            Entry(UUID(int=n), UUID(int=who), key, scope, withdrawn)
            for n, (who, key, scope, withdrawn) in enumerate(entries)
        ]
    )


@pytest.mark.parametrize(
    ("known", "of_all", "of_news"),
    [
        (said(), False, False),
        (said((1, PERSON, SMS, False)), True, True),
        (said((1, PERSON, NEWS, False)), False, True),
        (said((1, PERSON, SMS, False), (1, PERSON, NEWS, True)), True, False),
        (said((1, PERSON, SMS, False), (1, PERSON, ALL, True)), False, False),
        (said((1, PERSON, ALL, True), (1, PERSON, SMS, False)), True, True),
        (said((1, PERSON, SMS, False), (2, PERSON, SMS, True)), False, False),
        (said((1, PERSON, SMS, False), (1, PHONE, SMS, True)), False, False),
        (said((1, PHONE, SMS, True), (1, PERSON, SMS, False)), True, True),
        (said((1, PHONE, SMS, True), (1, OTHER, SMS, False)), False, False),
        (said((1, PHONE, SMS, False)), True, True),
        (said((1, PERSON, Scope("sms", "marketing", "", "store"), False)), False, False),
    ],
)
def test_what_is_granted(known: Known, of_all: bool, of_news: bool) -> None:
    facts = known.as_facts()
    consent = {"channel": "sms", "purpose": "marketing"}
    assert evaluate(parse({"consent": consent}), facts) is of_all
    assert evaluate(parse({"consent": consent | {"topic": "news"}}), facts) is of_news
    assert facts.consents is not None
    assert Consent("email", "marketing") not in facts.consents
    assert "sms" not in facts.consents  # type: ignore[operator]
