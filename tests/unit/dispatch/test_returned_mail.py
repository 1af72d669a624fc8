"""Mail that comes back, as servers of several makes write it, is read as what became of our message."""

import pytest
from dispatch_service.domain.messages import MessageState
from dispatch_service.domain.settlement import Receipt
from dispatch_service.mail.returned import closes, receipt_of

OURS = "018f0000-0000-7000-8000-00000000abcd"
BOUNCED, DELIVERED = MessageState.BOUNCED, MessageState.DELIVERED


def report(kind: str, fields: str, headers: str = f"Message-ID: <{OURS}@waypost.example>") -> bytes:
    return f"""From: MAILER-DAEMON@mx.example
To: bounces@waypost.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary=x

--x
Content-Type: text/plain

Something happened to your message.
--x
Content-Type: message/{kind}

{fields}
--x
Content-Type: message/rfc822

{headers}
Subject: Hi

Hi
--x--
""".replace("\n", "\r\n").encode()


def delivery(action: str, status: str, more: str = "") -> bytes:
    block = f"Final-Recipient: rfc822; ann@example.com\nAction: {action}\nStatus: {status}{more}"
    return report("delivery-status", f"Reporting-MTA: dns; mx.example\n\n{block}")


@pytest.mark.parametrize(
    ("raw", "receipt"),
    [
        (delivery("failed", "5.1.1"), Receipt(BOUNCED, "", "5.1.1", "hard_bounce")),
        (delivery("Failed", "5.1.10 (null MX)"), Receipt(BOUNCED, "", "5.1.10", "hard_bounce")),
        (delivery("failed", "5.1.8"), Receipt(BOUNCED, "", "5.1.8")),
        (delivery("failed", "5.2.2"), Receipt(BOUNCED, "", "5.2.2")),
        (delivery("failed", "4.4.7"), Receipt(BOUNCED, "", "4.4.7")),
        (delivery("failed", "", "\nDiagnostic-Code: smtp; 550 5.2.1 off"), Receipt(BOUNCED, "", "5.2.1", "hard_bounce")),
        (delivery("failed", ""), Receipt(BOUNCED, "", "5.0.0")),
        (delivery("delivered", "2.1.5"), Receipt(DELIVERED, "")),
        (delivery("relayed", "2.1.5"), Receipt(MessageState.ACCEPTED, "")),
        (delivery("delayed", "4.4.1"), None),
        (delivery("vanished", "5.1.1"), None),
        (report("feedback-report", "Feedback-Type: abuse\nVersion: 1"), Receipt(MessageState.COMPLAINED, "", "abuse", "complaint")),
        (report("feedback-report", "Feedback-Type: not-spam\nVersion: 1"), None),
        (report("feedback-report", "Version: 1"), None),
    ],
)  # fmt: skip
def test_reports_say_what_became_of_a_message(raw: bytes, receipt: Receipt | None) -> None:
    assert receipt_of(raw) == ((OURS, receipt) if receipt else None)


def qmail(author: str, words: str) -> bytes:
    return f"""Return-Path: <>
From: {author}
Subject: failure notice

Hi. This is the qmail-send program at example.com.
<ann@example.com>:
{words}

--- Below this line is a copy of the message.

Message-ID: <{OURS}@waypost.example>
Subject: Hi
""".encode()


def test_a_server_that_follows_no_standard_is_understood_by_its_code() -> None:
    raw = qmail("MAILER-DAEMON@example.com", "Sorry, no mailbox here by that name. (#5.1.1)")
    assert receipt_of(raw) == (OURS, Receipt(BOUNCED, "", "5.1.1", "hard_bounce"))
    assert receipt_of(qmail("MAILER-DAEMON@example.com", "It may come later. (#4.4.1)")) is None


def test_a_person_who_answers_and_quotes_a_code_bounces_nothing() -> None:
    raw = qmail("Ann <ann@example.com>", "what is 5.1.1?").replace(
        b"Return-Path: <>", b"Return-Path: <ann@a.cn>"
    )
    assert receipt_of(raw) is None


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"Subject: hi\r\n\r\nbye", report("delivery-status", "x", "Message-ID: <1@b>")]
)
def test_mail_that_is_about_nothing_of_ours_tells_nothing(raw: bytes) -> None:
    assert receipt_of(raw) is None


def test_the_innermost_message_is_the_one_that_came_back() -> None:
    quoted = f"References: <018f0000-0000-7000-8000-000000000001@waypost.example>\nMessage-ID: <{OURS}@waypost.example>"
    found = receipt_of(
        report("delivery-status", "Reporting-MTA: dns; a\n\nAction: failed\nStatus: 5.1.1", quoted)
    )
    assert found is not None
    assert found[0] == OURS


def test_only_codes_about_the_address_close_it() -> None:
    assert [s for s in ("5.1.1", "5.1.7", "5.1.10", "5.1.17", "5.2.1", "5.2.2", "5.4.4", "5.7.1", "4.1.1", "") if closes(s)] == [
        "5.1.1", "5.1.10", "5.1.17", "5.2.1", "5.4.4",
    ]  # fmt: skip
