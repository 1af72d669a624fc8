"""How to mend an ingestion issue, in both languages."""

import re

from gateway_service.ingest.reasons import Reason
from gateway_service.issue_words import advice
from profile_service.domain import identifiers as ids
from profile_service.domain.exchange import MOST_DAYS
from profile_service.domain.identity_settings import IdentitySettings

settings = IdentitySettings(blocked=(("*", "blocked"),))


def test_advice_is_given_in_the_language_that_is_asked_for() -> None:
    english, chinese = advice("rate_missing", "en"), advice("rate_missing", "zh-CN")
    assert english != chinese
    for words in (english, chinese):
        assert "/v1/exchange-rates" in words
        assert f" {MOST_DAYS} " in words
    assert advice("something_new", "zh-CN") == ""


def test_whatever_ingestion_refuses_comes_with_advice() -> None:
    found = [
        ids.normalise(kind, "", value, lambda _: None, settings)
        for kind, value in (
            ("phone", "12"), ("email", "x"), ("user_id", " "), ("user_id", "x" * 600), ("wechat_openid", "o1"),
            ("user_id", "undefined"), ("user_id", "blocked"),
        )
    ]  # fmt: skip
    refused = {one.reason for one in found if isinstance(one, ids.Refused)}
    assert len(refused) == len(found)
    for reason in (*Reason, *refused, "order_id_missing", "order_total_invalid", "person_erased"):
        english, chinese = advice(reason, "en"), advice(reason, "zh")
        assert english.isascii(), reason
        assert re.search(r"[\u4e00-\u9fff]", chinese), reason
