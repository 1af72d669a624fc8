"""A database and two roles for each service: the owner migrates, the app role works.

The app role is neither superuser nor owner, so that row-level security binds it here as it does in production. An
embedded server would otherwise hand out a superuser and hide every missing grant.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg


class Databases:
    """Names, passwords and URLs. Passwords follow from one secret, so nothing else needs to be stored."""

    def __init__(self, admin_url: str, secret: str) -> None:
        self._admin_url = admin_url
        self._secret = secret.encode()

    def url(self, service: str, role: str) -> str:
        """`role` is `owner` or `app`."""
        admin = urlsplit(self._admin_url)
        user = f"{service}_{role}"
        host = admin.netloc.rpartition("@")[2]
        return urlunsplit(
            (
                admin.scheme,
                f"{user}:{quote(self._password(user))}@{host}",
                f"/waypost_{service}",
                admin.query,
                "",
            )
        )

    def _password(self, user: str) -> str:
        return hmac.new(self._secret, user.encode(), hashlib.sha256).hexdigest()[:32]

    async def prepare(self, services: Iterable[str]) -> None:
        """Create what is missing and correct what is there. Repeating it changes nothing."""
        admin = await asyncpg.connect(self._admin_url, timeout=10)
        try:
            for service in services:
                await self._prepare_one(admin, service)
        finally:
            await admin.close()

    async def _prepare_one(self, admin: Any, service: str) -> None:
        owner, app, database = f"{service}_owner", f"{service}_app", f"waypost_{service}"
        for user in (owner, app):
            await self._ensure_role(admin, user)
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            # A managed server's administrator is no superuser and may give a database only to a role it belongs to.
            await admin.execute(f"GRANT {owner} TO CURRENT_USER")
            await admin.execute(f"CREATE DATABASE {database} OWNER {owner}")
        await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        await admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {app}")
        inside = await asyncpg.connect(self.url(service, "owner"), timeout=10)
        try:
            await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            await inside.execute(f"GRANT USAGE ON SCHEMA public TO {app}")
        finally:
            await inside.close()

    async def _ensure_role(self, admin: Any, user: str) -> None:
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", user):
            await admin.execute(f"CREATE ROLE {user}")
        await admin.execute(
            f"ALTER ROLE {user} LOGIN NOCREATEDB NOCREATEROLE INHERIT PASSWORD '{self._password(user)}'"
        )
        strong = await admin.fetchval(
            "SELECT rolsuper OR rolbypassrls OR rolreplication FROM pg_roles WHERE rolname = $1", user
        )
        if strong:
            await admin.execute(f"ALTER ROLE {user} NOSUPERUSER NOBYPASSRLS NOREPLICATION")
