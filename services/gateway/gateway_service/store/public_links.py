"""Addresses that visitors have: whose they are, and what is behind them."""

import secrets
from typing import Literal, NamedTuple
from uuid import UUID

from chassis.database import Database, Tx

Kind = Literal["form", "qr_code"]
TOKEN_BYTES = 12
"""Random; the address of a page is 16 characters, and nobody guesses it."""


class PublicLink(NamedTuple):
    workspace_id: UUID
    object_id: UUID


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


async def add(tx: Tx, token: str, kind: Kind, object_id: UUID) -> None:
    await tx.execute(
        "INSERT INTO public_links (token, workspace_id, kind, object_id) VALUES ($1, $2, $3, $4)",
        token, tx.workspace_id, kind, object_id,
    )  # fmt: skip


async def remove(tx: Tx, kind: Kind, object_id: UUID) -> None:
    await tx.execute(
        "DELETE FROM public_links WHERE workspace_id = $1 AND kind = $2 AND object_id = $3",
        tx.workspace_id, kind, object_id,
    )  # fmt: skip


async def find(database: Database, token: str, kind: Kind) -> PublicLink | None:
    if len(token) > 64 or "\0" in token:
        return None
    async with database.connection() as connection:
        row = await connection.fetchrow(
            "SELECT workspace_id, object_id FROM public_links WHERE token = $1 AND kind = $2", token, kind
        )
    return PublicLink(*row) if row else None
