"""Members: people of the company who come with a token of its identity provider.

Who they are is sealed with the workspace's key. They are found by keyed hashes of what their token says, before any
workspace is known: first of a verified e-mail address, as they were invited, and from their first visit on of the
provider's own subject, so that an address given to somebody else later opens nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.crypto import Ciphers
from chassis.database import Database, Tx

_EMAIL, _NAME = b"members/email/", b"members/name/"


class EmailTaken(Exception):
    """A member with that address exists."""


class NoSuchMember(Exception):
    """No member of that id in this workspace."""


class LastOwner(Exception):
    """Without this owner nobody could give out rights."""


@dataclass(frozen=True, slots=True)
class Member:
    member_id: UUID
    email: str
    name: str
    role: str
    org_units: Sequence[str]
    bound: bool
    """Whether the member has come yet."""
    created_at: datetime
    created_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """One workspace that a token opens."""

    workspace_id: UUID
    member_id: UUID
    role: str
    org_units: Sequence[str]
    bound: bool


class MemberStore:
    def __init__(self, database: Database, ciphers: Ciphers) -> None:
        self._database = database
        self._ciphers = ciphers

    async def logins(self, login: bytes) -> list[Login]:
        """The workspaces that a login hash opens, at most a hundred."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_WORKSPACES, login)
        found = []
        for row in rows:
            async with self._database.transaction(row["workspace_id"]) as tx:
                member = await tx.fetchrow(_LOGIN, tx.workspace_id, row["member_id"])
            if member:
                found.append(Login(row["workspace_id"], row["member_id"], *member))
        return found

    async def bind(self, found: Login, subject: bytes) -> bool:
        """From now on only `subject` opens this membership; False when another one has come first."""
        async with self._database.transaction(found.workspace_id) as tx:
            if not await tx.fetchval(_BIND, tx.workspace_id, found.member_id):
                return False
            await tx.execute(_ADD_LOGIN, subject, tx.workspace_id, found.member_id)
        return True

    async def invite(self, workspace_id: UUID, member: Member, login: bytes) -> Member:
        """Adds a member; the stored one when the id was used before. Raises EmailTaken."""
        async with self._database.transaction(workspace_id) as tx:
            await _lock(tx)
            if stored := await tx.fetchrow(_GET, workspace_id, member.member_id):
                return self._member(workspace_id, stored)
            if await tx.fetchval(_TAKEN, login, workspace_id):
                raise EmailTaken
            cipher = self._ciphers.of(workspace_id)
            row = await tx.fetchrow(
                _INSERT,
                workspace_id,
                member.member_id,
                cipher.seal(member.email.encode(), _EMAIL + member.member_id.bytes),
                cipher.seal(member.name.encode(), _NAME + member.member_id.bytes),
                member.role,
                list(member.org_units),
                member.created_at,
                member.created_by,
            )
            await tx.execute(_ADD_LOGIN, login, workspace_id, member.member_id)
            return self._member(workspace_id, row)

    async def change(
        self,
        workspace_id: UUID,
        member_id: UUID,
        role: str | None,
        org_units: Sequence[str] | None,
        at: datetime,
    ) -> Member:
        """Another role or other org units; None leaves as it is. Raises NoSuchMember, LastOwner."""
        async with self._database.transaction(workspace_id) as tx:
            await _lock(tx)
            await self._keep_an_owner(tx, member_id, role)
            row = await tx.fetchrow(
                _CHANGE, workspace_id, member_id, role, None if org_units is None else list(org_units), at
            )
            if row is None:
                raise NoSuchMember
            return self._member(workspace_id, row)

    async def remove(self, workspace_id: UUID, member_id: UUID) -> None:
        """Raises NoSuchMember, LastOwner."""
        async with self._database.transaction(workspace_id) as tx:
            await _lock(tx)
            await self._keep_an_owner(tx, member_id, "")
            await tx.execute(_REMOVE_LOGINS, workspace_id, member_id)
            if await tx.fetchval(_REMOVE, workspace_id, member_id) is None:
                raise NoSuchMember

    async def get(self, workspace_id: UUID, member_id: UUID) -> Member:
        async with self._database.transaction(workspace_id) as tx:
            row = await tx.fetchrow(_GET, workspace_id, member_id)
        if row is None:
            raise NoSuchMember
        return self._member(workspace_id, row)

    async def page(self, workspace_id: UUID, size: int, after: UUID | None) -> list[Member]:
        """In the order in which they were invited, from behind `after`."""
        async with self._database.transaction(workspace_id) as tx:
            rows = await tx.fetch(_PAGE, workspace_id, after, size)
        return [self._member(workspace_id, row) for row in rows]

    async def _keep_an_owner(self, tx: Tx, member_id: UUID, role: str | None) -> None:
        if role not in (None, "owner") and not await tx.fetchval(_OTHER_OWNERS, tx.workspace_id, member_id):
            raise LastOwner

    def _member(self, workspace_id: UUID, row: Any) -> Member:
        cipher = self._ciphers.of(workspace_id)
        member_id, email, name, *rest = row
        return Member(
            member_id,
            cipher.open(email, _EMAIL + member_id.bytes).decode(),
            cipher.open(name, _NAME + member_id.bytes).decode(),
            *rest,
        )


async def _lock(tx: Tx) -> None:
    await tx.execute(_LOCK, tx.workspace_id)


_COLUMNS = "member_id, email_sealed, name_sealed, role, org_units, bound, created_at, created_by, updated_at"
_LOCK = """
SELECT 1 FROM workspaces WHERE workspace_id = $1 FOR UPDATE
"""
_WORKSPACES = """
SELECT workspace_id, member_id FROM member_logins WHERE login = $1 ORDER BY workspace_id LIMIT 100
"""
_LOGIN = """
SELECT role, org_units, bound FROM members WHERE workspace_id = $1 AND member_id = $2
"""
_BIND = """
UPDATE members SET bound = true WHERE workspace_id = $1 AND member_id = $2 AND NOT bound RETURNING 1
"""
_ADD_LOGIN = """
INSERT INTO member_logins (login, workspace_id, member_id) VALUES ($1, $2, $3)
"""
_TAKEN = """
SELECT 1 FROM member_logins WHERE login = $1 AND workspace_id = $2
"""
_INSERT = f"""
INSERT INTO members (workspace_id, member_id, email_sealed, name_sealed, role, org_units, bound, created_at, created_by,
                     updated_at)
VALUES ($1, $2, $3, $4, $5, $6, false, $7, $8, $7)
RETURNING {_COLUMNS}
"""
_GET = f"""
SELECT {_COLUMNS} FROM members WHERE workspace_id = $1 AND member_id = $2
"""
_CHANGE = f"""
UPDATE members SET role = coalesce($3, role), org_units = coalesce($4, org_units), updated_at = $5
WHERE workspace_id = $1 AND member_id = $2
RETURNING {_COLUMNS}
"""
_OTHER_OWNERS = """
SELECT 1 FROM members WHERE workspace_id = $1 AND member_id = $2 AND role <> 'owner'
UNION ALL
SELECT 1 FROM members WHERE workspace_id = $1 AND member_id <> $2 AND role = 'owner' AND bound
UNION ALL
SELECT 1 FROM api_keys
WHERE workspace_id = $1 AND kind = 'secret' AND '*' = ANY(scopes) AND revoked_at IS NULL AND expires_at IS NULL
LIMIT 1
"""
_REMOVE_LOGINS = """
DELETE FROM member_logins WHERE workspace_id = $1 AND member_id = $2
"""
_REMOVE = """
DELETE FROM members WHERE workspace_id = $1 AND member_id = $2 RETURNING 1
"""
_PAGE = f"""
SELECT {_COLUMNS} FROM members WHERE workspace_id = $1 AND ($2::uuid IS NULL OR member_id > $2)
ORDER BY member_id LIMIT $3
"""
