"""How much each account has used, read from its table once and counted along from there."""

import sqlite3

from waypost_sandbox.clock import SECOND
from waypost_sandbox.limits import Usage


class UsageBook:
    def __init__(self, table: str) -> None:
        """`table` has the columns `account` and `received_at`."""
        self._total = f"SELECT count(*) FROM {table} WHERE account = ?"
        self._recent = (
            f"SELECT received_at FROM {table} WHERE account = ? AND received_at > ? ORDER BY received_at"
        )
        self._of: dict[str, Usage] = {}

    def of(self, db: sqlite3.Connection, account: str, at: int) -> Usage:
        usage = self._of.get(account)
        if usage is None:
            (total,) = db.execute(self._total, (account,)).fetchone()
            usage = self._of[account] = Usage(total)
            usage.recent.extend(time for (time,) in db.execute(self._recent, (account, at - SECOND)))
        usage.trim(at)
        return usage

    def clear(self) -> None:
        """What was counted may not be so: it is read again."""
        self._of.clear()
