"""Everything durable, and all the SQL. A message's state is read off the clock, never updated."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from waypost_sandbox import clock
from waypost_sandbox.database import Database
from waypost_sandbox.limits import Peak
from waypost_sandbox.messages import Accepted, Callback, Destination, Fate, Message, Refusal
from waypost_sandbox.usage import UsageBook

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, message_id TEXT NOT NULL, fingerprint BLOB NOT NULL, provider_id TEXT NOT NULL,
    number TEXT NOT NULL, sign_name TEXT NOT NULL, text TEXT NOT NULL, callback_url TEXT NOT NULL,
    received_at INTEGER NOT NULL, settles_at INTEGER NOT NULL,
    outcome TEXT NOT NULL, error_code TEXT,
    calls INTEGER NOT NULL DEFAULT 1,
    UNIQUE (account, message_id)
);
CREATE INDEX IF NOT EXISTS messages_by_time ON messages (account, received_at);
CREATE INDEX IF NOT EXISTS messages_by_number ON messages (number, id);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL,
    item TEXT NOT NULL, next_at INTEGER NOT NULL, posts_left INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_by_time ON outbox (url, account, kind, next_at);
CREATE TABLE IF NOT EXISTS control (only INTEGER PRIMARY KEY CHECK (only = 1), faults TEXT NOT NULL);
"""

FIND_FIRST = (
    "SELECT id, fingerprint, provider_id, settles_at FROM messages WHERE account = ? AND message_id = ?"
)
INSERT_MESSAGE = """
INSERT INTO messages (account, message_id, fingerprint, provider_id, number, sign_name, text, callback_url,
                      received_at, settles_at, outcome, error_code)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_CALLBACK = (
    "INSERT INTO outbox (url, account, kind, item, next_at, posts_left) VALUES (?, ?, ?, ?, ?, ?)"
)
STATE = "CASE WHEN settles_at > :now THEN 'accepted' ELSE outcome END AS state"
LOOK_UP = f"""
SELECT message_id, provider_id, {STATE}, received_at FROM messages WHERE account = :account AND message_id = :id"""
LIST = f"""
SELECT id AS rowid, account, message_id, provider_id, number AS "to", sign_name, text, {STATE}, received_at, calls
FROM messages WHERE id > :after ORDER BY id LIMIT :limit"""
COUNT = "SELECT count(*), coalesce(sum(calls), 0) FROM messages"
STATES = f"SELECT {STATE}, count(*) FROM messages GROUP BY 1 ORDER BY 1"
TIMES = "SELECT account, received_at FROM messages ORDER BY account, received_at"
DUE = """
SELECT id, item FROM outbox WHERE url = ? AND account = ? AND kind = ? AND next_at <= ?
ORDER BY next_at, id LIMIT ?"""
SAVE_CONTROL = "INSERT INTO control VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET faults = excluded.faults"


@dataclass(frozen=True, slots=True)
class Order:
    message: Message
    fate: Fate


class Store:
    def __init__(self, database: Database, usage: UsageBook) -> None:
        self._database = database
        self._usage = usage
        self._last_at = 0

    async def accept(
        self, orders: Sequence[Order], rate: int | None, quota: int | None
    ) -> list[Accepted | Refusal]:
        """One outcome an order, in order, returned once durable."""
        # Never backwards, so that the queue's order and received_at's agree and the window is exact.
        at = self._last_at = max(self._last_at, clock.now())
        return await self._database.write(
            lambda db: [self._accept(db, order, at, rate, quota) for order in orders]
        )

    def _accept(
        self, db: sqlite3.Connection, order: Order, at: int, rate: int | None, quota: int | None
    ) -> Accepted | Refusal:
        message = order.message
        first = db.execute(FIND_FIRST, (message.account, message.message_id)).fetchone()
        if first is not None:
            return _again(db, message, first)
        usage = self._usage.of(db, message.account, at)
        refusal = usage.refusal(at, rate, quota)
        if refusal is None:
            usage.add(at)
            return _insert(db, order, at)
        return refusal

    async def look_up(self, account: str, message_id: str) -> dict[str, object] | None:
        values = {"account": account, "id": message_id, "now": clock.now()}
        found = await self._database.read(lambda db: _rows(db, LOOK_UP, values))
        return found[0] if found else None

    async def messages(self, after: int, limit: int) -> list[dict[str, object]]:
        values = {"after": after, "limit": limit, "now": clock.now()}
        return await self._database.read(lambda db: _rows(db, LIST, values))

    async def stats(self, limit: int | None) -> dict[str, object]:
        return await self._database.read(lambda db: _stats(db, limit))

    async def clear(self) -> int:
        def clear(db: sqlite3.Connection) -> int:
            db.execute("DELETE FROM outbox")
            self._usage.clear()
            return db.execute("DELETE FROM messages").rowcount

        return await self._database.write(clear)

    async def reply(self, number: str, text: str) -> Destination | None:
        """Puts a handset's reply in the outbox of whoever wrote to the number last."""

        def reply(db: sqlite3.Connection) -> Destination | None:
            last = "SELECT callback_url, account FROM messages WHERE number = ? ORDER BY id DESC LIMIT 1"
            found = db.execute(last, (number,)).fetchone()
            if found is None:
                return None
            at = clock.now()
            item = json.dumps({"from": number, "text": text, "at": clock.rfc3339(at)}, ensure_ascii=False)
            db.execute(INSERT_CALLBACK, (found[0], found[1], "replies", item, at, 1))
            return Destination(found[0], found[1], "replies")

        return await self._database.write(reply)

    async def due(self, to: Destination, limit: int) -> list[Callback]:
        values = (to.url, to.account, to.kind, clock.now(), limit)
        return await self._database.read(lambda db: [Callback(*row) for row in db.execute(DUE, values)])

    async def next_due(self, to: Destination) -> int | None:
        query = "SELECT min(next_at) FROM outbox WHERE url = ? AND account = ? AND kind = ?"
        values = (to.url, to.account, to.kind)
        at: int | None = await self._database.read(lambda db: db.execute(query, values).fetchone()[0])
        return at

    async def destinations(self) -> list[Destination]:
        query = "SELECT DISTINCT url, account, kind FROM outbox"
        return await self._database.read(lambda db: [Destination(*row) for row in db.execute(query)])

    async def posted(self, callbacks: Iterable[Callback], again_at: int) -> None:
        ids = [(callback.id,) for callback in callbacks]

        def posted(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM outbox WHERE id = ? AND posts_left = 1", ids)
            again = "UPDATE outbox SET posts_left = posts_left - 1, next_at = ? WHERE id = ?"
            db.executemany(again, [(again_at, id_) for (id_,) in ids])

        await self._database.write(posted)

    async def save_control(self, faults: dict[str, object]) -> None:
        await self._database.write(lambda db: db.execute(SAVE_CONTROL, (json.dumps(faults),)))

    async def load_control(self) -> object:
        row = await self._database.read(lambda db: db.execute("SELECT faults FROM control").fetchone())
        return json.loads(row[0]) if row else {}


def _again(
    db: sqlite3.Connection, message: Message, first: tuple[int, bytes, str, int]
) -> Accepted | Refusal:
    row_id, fingerprint, provider_id, settles_at = first
    if fingerprint != message.fingerprint():
        return Refusal(409, "ID_REUSED", "This message_id was accepted with another body.")
    db.execute("UPDATE messages SET calls = calls + 1 WHERE id = ?", (row_id,))
    return Accepted(provider_id, duplicate=True, settles_at=settles_at)


def _insert(db: sqlite3.Connection, order: Order, at: int) -> Accepted:
    message, fate = order.message, order.fate
    provider_id, settles_at = message.provider_id(), at + fate.delay
    content = (message.to, message.sign_name, message.text, message.callback_url)
    key = (message.account, message.message_id, message.fingerprint(), provider_id)
    db.execute(INSERT_MESSAGE, (*key, *content, at, settles_at, fate.state, fate.error_code))
    if fate.posts:
        receipt = {
            "message_id": message.message_id,
            "provider_id": provider_id,
            "state": fate.state,
            "error_code": fate.error_code,
            "at": clock.rfc3339(settles_at),
        }
        values = (
            message.callback_url,
            message.account,
            "receipts",
            json.dumps(receipt),
            settles_at,
            fate.posts,
        )
        db.execute(INSERT_CALLBACK, values)
    return Accepted(provider_id, duplicate=False, settles_at=settles_at)


def _rows(db: sqlite3.Connection, query: str, values: Mapping[str, object]) -> list[dict[str, object]]:
    cursor = db.execute(query, values)
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor]
    return [{**row, "received_at": clock.rfc3339(row["received_at"])} for row in found]


def _stats(db: sqlite3.Connection, limit: int | None) -> dict[str, object]:
    # One snapshot for all four queries: the sums agree even while messages arrive.
    db.execute("BEGIN")
    try:
        messages, calls = db.execute(COUNT).fetchone()
        peak = Peak(limit)
        for _, rows in groupby(db.execute(TIMES), key=itemgetter(0)):
            peak.measure(at for _, at in rows)
        states = dict(db.execute(STATES, {"now": clock.now()}).fetchall())
        (pending,) = db.execute("SELECT count(*) FROM outbox").fetchone()
    finally:
        db.execute("COMMIT")
    return {
        "messages": messages,
        "calls": calls,
        "duplicates": calls - messages,
        "per_state": {state: states.get(state, 0) for state in ("accepted", "delivered", "failed")},
        "max_in_1s_window": peak.most,
        "windows_over_limit": peak.over,
        "pending_callbacks": pending,
    }
