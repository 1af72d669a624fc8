"""Values that identify nobody: what programs send when they know nobody, and what people type to get past a form.

Each would join strangers. As addresses to send to they stay what they are; they only never say who somebody is.
"""

NOBODY = frozenset(
    {
        "undefined", "null", "(null)", "none", "nan", "nil", "n/a", "na", "[object object]", "object object",
        "anonymous", "unknown", "guest", "visitor", "test", "true", "false", "0", "-1", "-", "_", "default",
        "未知", "游客", "无", "测试", "匿名",
    }
)  # fmt: skip
_LONGEST = max(map(len, NOBODY))
PHONES = frozenset(
    {
        "+8613800138000",  # the hotline of a carrier, printed in every form's example
        "+8613800138001", "+8613123456789", "+8613987654321", "+8613888888888", "+8613999999999", "+8613666666666",
        "+8613333333333", "+8615555555555", "+8618888888888", "+8618666666666", "+8617777777777", "+8619999999999",
        "+8616666666666",
    }
)  # fmt: skip
"""Examples of forms, and the numbers that a thumb on one key makes."""
MAILBOXES = frozenset(
    {
        "test", "tests", "testing", "tester", "demo", "example", "sample", "noreply", "no-reply", "donotreply",
        "do-not-reply", "none", "null", "undefined", "nobody", "asdf", "aaa", "aaaa", "abc", "xxx", "qwe", "qwerty",
        "123", "1234", "12345", "123456", "123456789", "mailer-daemon", "postmaster", "webmaster",
    }
)  # fmt: skip
"""Names before the @ that are nobody's own, whatever the domain."""


def is_nobody(kind: str, value: str) -> bool:
    """Whether a normalised value identifies nobody. One repeated sign is a thumb on a key, whatever the type."""
    if len(value) <= _LONGEST and value.lower() in NOBODY:
        return True
    if len(value) > 2 and value.count(value[0]) == len(value):
        return True
    if kind == "phone":
        return value in PHONES or (len(value) == 14 and value.endswith("00000000"))
    if kind == "email":
        return value.lower().partition("@")[0] in MAILBOXES
    return False
