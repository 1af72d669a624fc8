"""Reports about a mail, as servers write them: delivery status notifications (RFC 3464) and complaints (RFC 5965)."""

from email.utils import formatdate

from waypost_sandbox.mails import Mail

_FRAME = """\
From: Mail Delivery System <mailer-daemon@sandbox.example>
To: {to}
Subject: {subject}
Date: {date}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="=_report"

--=_report
Content-Type: text/plain; charset=us-ascii

{words}

--=_report
Content-Type: message/{kind}

{fields}

--=_report
Content-Type: text/rfc822-headers

{headers}

--=_report--
"""
_STATUS = """\
Reporting-MTA: dns; sandbox.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such mailbox here"""
_ABUSE = """\
Feedback-Type: abuse
User-Agent: sandbox/1
Version: 1
Original-Rcpt-To: {recipient}"""


def bounce(mail: Mail) -> str:
    words = "Your message could not be delivered: no such mailbox here."
    return _report(mail, "delivery-status", "Undelivered Mail Returned to Sender", words, _STATUS)


def complaint(mail: Mail) -> str:
    return _report(mail, "feedback-report", "Abuse report", "This is an abuse report about a mail.", _ABUSE)


def _report(mail: Mail, kind: str, subject: str, words: str, fields: str) -> str:
    head = mail.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("latin-1")
    report = _FRAME.format(
        to=mail.return_path,
        subject=subject,
        date=formatdate(usegmt=True),
        kind=kind,
        words=words,
        fields=fields.format(recipient=mail.recipients[0]),
        headers=head,
    )
    return report.replace("\n", "\r\n")
