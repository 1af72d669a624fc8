"""Workspaces beside the demo's, and calls that are answered with a status instead of an exception."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from chassis.database import Database
from gateway_service.store.keys import KeyStore, NewWorkspace
from waypost_dev.demo.client import Client
from waypost_dev.stack import Stack


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.text) if self.text else None


@dataclass(frozen=True)
class Tenant:
    url: str
    workspace: NewWorkspace
    http: aiohttp.ClientSession

    @property
    def id(self) -> str:
        return str(self.workspace.workspace_id)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.workspace.secret_key}"}

    @property
    def basic(self) -> dict[str, str]:
        named = base64.b64encode(f"{self.workspace.write_key}:".encode()).decode()
        return {"Authorization": f"Basic {named}"}

    def client(self) -> Client:
        return Client(self.url, self.workspace.write_key, self.workspace.secret_key)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """With the secret key, unless `headers` say otherwise; bytes travel as they are."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(self.bearer | headers)}
        async with self.http.request(method, self.url + path, data=data, headers=sent) as answer:
            return Answer(answer.status, await answer.text(), dict(answer.headers))


async def new_workspace(stack: Stack) -> NewWorkspace:
    database = Database(stack.environment.databases.url("gateway", "app"), pool_size=1)
    await database.start()
    try:
        return await KeyStore(database).create_workspace(f"tenant-{secrets.token_hex(4)}")
    finally:
        await database.stop()


@asynccontextmanager
async def tenants(stack: Stack, count: int) -> AsyncIterator[list[Tenant]]:
    async with aiohttp.ClientSession() as http:
        yield [Tenant(stack.url, await new_workspace(stack), http) for _ in range(count)]
