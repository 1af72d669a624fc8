"""Mails as they came, and all the SQL about them."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from waypost_sandbox import clock
from waypost_sandbox.database import Database
from waypost_sandbox.messages import Comeback, Destination, Refusal
from waypost_sandbox.usage import UsageBook

SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, message_id TEXT NOT NULL, return_path TEXT NOT NULL, recipients TEXT NOT NULL,
    raw BLOB NOT NULL, received_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS mails_by_time ON mails (account, received_at);
"""
INSERT = """
INSERT INTO mails (account, message_id, return_path, recipients, raw, received_at) VALUES (?, ?, ?, ?, ?, ?)"""
INSERT_REPORT = """
INSERT INTO outbox (url, account, kind, item, next_at, posts_left) VALUES (?, ?, ?, ?, ?, ?)"""
LIST = """
SELECT id, message_id, return_path, recipients, raw, received_at FROM mails WHERE id > ? ORDER BY id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Mail:
    message_id: str
    """Of its header, with the angle brackets; empty when it has none."""
    return_path: str
    recipients: Sequence[str]
    raw: bytes

    @classmethod
    def of(cls, raw: bytes, return_path: str, recipients: Sequence[str]) -> "Mail":
        return cls(str(parsed(raw).get("Message-ID", "")).strip(), return_path, list(recipients), raw)


def parsed(raw: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=default).parsebytes(raw)


class MailStore:
    def __init__(self, database: Database, usage: UsageBook) -> None:
        self._database = database
        self._usage = usage

    async def accept(self, mail: Mail, rate: int | None, quota: int | None) -> Refusal | None:
        """None once the mail is durable, else why it was not taken. Return paths are the accounts."""

        def accept(db: sqlite3.Connection) -> Refusal | None:
            at = clock.now()
            usage = self._usage.of(db, mail.return_path, at)
            refusal = usage.refusal(at, rate, quota)
            if refusal is None:
                usage.add(at)
                recipients = json.dumps(mail.recipients)
                values = (mail.return_path, mail.message_id, mail.return_path, recipients, mail.raw, at)
                db.execute(INSERT, values)
            return refusal

        return await self._database.write(accept)

    async def expect_report(self, to: Destination, report: str, comeback: Comeback) -> int:
        """Puts a report in the outbox; when it is due."""
        due = clock.now() + comeback.delay
        values = (to.url, to.account, to.kind, report, due, comeback.posts)
        await self._database.write(lambda db: db.execute(INSERT_REPORT, values))
        return due

    async def mails(self, after: int, limit: int) -> list[dict[str, object]]:
        rows = await self._database.read(lambda db: db.execute(LIST, (after, limit)).fetchall())
        return [_shown(*row) for row in rows]

    async def clear(self) -> int:
        def clear(db: sqlite3.Connection) -> int:
            self._usage.clear()
            return db.execute("DELETE FROM mails").rowcount

        return await self._database.write(clear)


def _shown(
    id_: int, message_id: str, return_path: str, recipients: str, raw: bytes, received_at: int
) -> dict[str, object]:
    mail = parsed(raw)
    bodies = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    return {
        "rowid": id_,
        "message_id": message_id,
        "return_path": return_path,
        "to": json.loads(recipients),
        "from": str(mail.get("From", "")),
        "subject": str(mail.get("Subject", "")),
        "headers": [[name, str(value)] for name, value in mail.items()],
        "text": body.get_content() if (body := bodies["plain"]) else "",
        "html": body.get_content() if (body := bodies["html"]) else "",
        "raw": raw.decode("latin-1"),
        "received_at": clock.rfc3339(received_at),
    }
