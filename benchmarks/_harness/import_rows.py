"""A file of people with three identifiers and ten traits each, and what PostgreSQL itself does with such rows."""

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
from chassis.ids import bucket_of, new_id

IDENTIFIERS = ("会员号", "手机号", "openid")
TRAITS = ("姓名", "生日", "城市", "等级", "积分", "余额", "注册时间", "门店", "会员状态", "备注")
BATCH = 200
_CITIES = ("上海", "杭州", "成都", "广州", "西安")
_PIECE = 1_000

MAPPING: dict[str, Any] = {
    "time_zone": "Asia/Shanghai",
    "columns": [
        {"column": "会员号", "to": "identifier", "type": "member_id"},
        {"column": "手机号", "to": "identifier", "type": "phone"},
        {"column": "openid", "to": "identifier", "type": "wechat_openid", "scope": "wx1"},
        *(
            {"column": name, "to": "trait", "type": kind}
            for name, kind in zip(
                TRAITS,
                ("text", "date", "text", "text", "number", "number", "time", "text", "boolean", "text"),
                strict=True,
            )
        ),
    ],
}


def row(n: int) -> list[str]:
    return [
        f"m{n:08}",
        f"13{n + 187_654_321:09}",
        f"oAbC{n:016}",
        f"张{n}",
        f"19{60 + n % 40}-{n % 12 + 1:02}-{n % 28 + 1:02}",
        _CITIES[n % len(_CITIES)],
        f"L{n % 5}",
        str(n % 10_000),
        f"{n % 1000}.{n % 90 + 10}",
        f"2024-{n % 12 + 1:02}-{n % 28 + 1:02} 10:{n % 60:02}:00",
        f"store-{n % 300}",
        "是" if n % 3 else "否",
        "愿意接收活动通知",
    ]


async def file(rows: int) -> AsyncIterator[bytes]:
    """CSV in GB18030."""
    yield f"{','.join((*IDENTIFIERS, *TRAITS))}\r\n".encode("gb18030")
    for start in range(0, rows, _PIECE):
        lines = (",".join(row(n)) for n in range(start, min(start + _PIECE, rows)))
        yield "".join(f"{line}\r\n" for line in lines).encode("gb18030")


class RowLimit:
    """Bare inserts of the same rows into a table of one column each: row-level security, the application role, one
    index, one connection, one transaction a batch of 200. Making the rows is not counted."""

    def __init__(self, app_url: str, owner_url: str, workspace_id: str) -> None:
        self._app_url = app_url
        self._owner_url = owner_url
        self._workspace_id = UUID(workspace_id)
        self._rows = 0
        self._seconds = 0.0

    @property
    def per_s(self) -> float:
        return self._rows / self._seconds

    async def prepare(self) -> None:
        owner = await asyncpg.connect(self._owner_url)
        columns = ", ".join(f"c{n} text" for n in range(len(IDENTIFIERS) + len(TRAITS)))
        try:
            for statement in (
                "DROP TABLE IF EXISTS row_limit",
                f"CREATE TABLE row_limit (workspace_id uuid, bucket smallint, id uuid, {columns}, "
                "PRIMARY KEY (workspace_id, bucket, id))",
                "ALTER TABLE row_limit ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE row_limit FORCE ROW LEVEL SECURITY",
                "CREATE POLICY tenant ON row_limit USING "
                "(workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid)",
                "GRANT SELECT, INSERT ON row_limit TO profile_app",
            ):
                await owner.execute(statement)
        finally:
            await owner.close()

    async def measure(self, rows: int) -> None:
        """Adds so many rows to the figure."""
        connection = await asyncpg.connect(self._app_url, server_settings={"jit": "off"})
        try:
            for start in range(0, rows, BATCH):
                made = [row(n) for n in range(start, start + BATCH)]
                ids = [new_id() for _ in made]
                columns = [list(column) for column in zip(*made, strict=True)]
                began = time.perf_counter()
                await connection.execute(f"BEGIN; SET LOCAL app.workspace_id = '{self._workspace_id}'")
                await connection.execute(
                    _INSERT, self._workspace_id, [bucket_of(i) for i in ids], ids, *columns
                )
                await connection.execute("COMMIT")
                self._seconds += time.perf_counter() - began
                self._rows += len(made)
        finally:
            await connection.close()


_TYPES = ["smallint[]", "uuid[]", *["text[]"] * (len(IDENTIFIERS) + len(TRAITS))]
_INSERT = f"""
INSERT INTO row_limit SELECT $1::uuid, * FROM unnest({", ".join(f"${n}::{kind}" for n, kind in enumerate(_TYPES, 2))})
ON CONFLICT DO NOTHING
"""


async def people_stored(url: str, workspace_id: str) -> int:
    """How many people profile has: the counts it gives of many are estimates."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"SET app.workspace_id = '{workspace_id}'")
        return int(await connection.fetchval("SELECT count(DISTINCT profile_id) FROM memberships"))
    finally:
        await connection.close()
