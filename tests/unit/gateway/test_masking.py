"""What is shown of events hides personal data."""

from gateway_service import masking
from gateway_service.masking import HIDDEN, masked
from profile_service.domain.personal import PERSONAL_KEYS, separate


def test_everything_is_hidden_that_profile_holds_back() -> None:
    assert PERSONAL_KEYS <= masking.PERSONAL_KEYS
    event = dict.fromkeys(PERSONAL_KEYS, "x") | {"note": "13800138000", "deep": [{"mail_to": "a@b.cn"}]}
    assert masked(event).keys() == event.keys()
    held = separate(event).held_back
    assert all(masked(event)[key] == HIDDEN for key in held if key in event)
    assert masked(event)["deep"] == [{"mail_to": HIDDEN}]


def test_what_is_nobodys_stays() -> None:
    event = {
        "product": {"name": "Tea"},
        "products": [{"name": "Cup", "price": 2}],
        "context": {"library": {"name": "sdk"}, "ip": "1.2.3.4"},
        "text": "call +8613800138000 now",
        "order": "20261123138001380001",
    }
    assert masked(event) == {
        **event,
        "context": {"library": {"name": "sdk"}, "ip": HIDDEN},
        "text": HIDDEN,
    }
