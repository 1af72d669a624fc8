"""Codes as those who scan them meet them."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Database

from gateway_service.problems import Problem
from gateway_service.qr_codes.definition import QrDefinition
from gateway_service.store import forms, public_links, qr_codes


class ScannedCode(NamedTuple):
    workspace_id: UUID
    qr_code_id: UUID
    name: str
    definition: QrDefinition
    form_token: str
    """Of the form that a link leads to; empty for other codes."""

    @property
    def parameters(self) -> Mapping[str, str]:
        return self.definition.parameters

    @property
    def properties(self) -> dict[str, Any]:
        """Of a scan's event."""
        told = {
            "qr_code_id": str(self.qr_code_id),
            "qr_code_name": self.name,
            "qr_code_kind": self.definition.kind,
        }
        return {**self.parameters, **told}


class Scanned:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, token: str, workspace_id: UUID) -> ScannedCode | None:
        """None for what is no code of the workspace."""
        if not token:
            return None
        link = await public_links.find(self._database, token, "qr_code")
        return await self._of(link) if link and link.workspace_id == workspace_id else None

    async def at(self, token: str) -> ScannedCode:
        """Raises Problem 404."""
        link = await public_links.find(self._database, token, "qr_code")
        found = await self._of(link) if link else None
        if found is None or found.definition.kind != "link":
            raise Problem(404, "NOT_FOUND", "no QR code has this address")
        if not (found.form_token or found.definition.url):
            raise Problem(404, "NOT_FOUND", "the form that this QR code led to is gone")
        return found

    async def _of(self, link: public_links.PublicLink) -> ScannedCode | None:
        async with self._database.transaction(link.workspace_id) as tx:
            stored = await qr_codes.get(tx, link.object_id)
            if stored is None:
                return None
            definition = QrDefinition.model_validate(stored.definition)
            form = await forms.get(tx, UUID(definition.form_id)) if definition.form_id else None
        return ScannedCode(
            link.workspace_id, stored.qr_code_id, stored.name, definition, form.token if form else ""
        )
