"""How to mend an ingestion issue, in both languages."""

from gateway_service.issue_words import advice
from profile_service.domain.exchange import MOST_DAYS


def test_advice_is_given_in_the_language_that_is_asked_for() -> None:
    english, chinese = advice("rate_missing", "en"), advice("rate_missing", "zh-CN")
    assert english != chinese
    for words in (english, chinese):
        assert "/v1/exchange-rates" in words
        assert f" {MOST_DAYS} " in words
    assert advice("phone_invalid", "zh-CN") == ""
