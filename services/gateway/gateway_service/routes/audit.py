"""Who changed what, and whether the log of it is whole."""

from typing import Annotated, Self

from chassis.paging import Pages
from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from gateway_service.auth import needs
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken
from gateway_service.store import audit as store
from gateway_service.store.audit import AuditStore, Filter
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("audit:read"))]


class Change(BaseModel):
    """Hashes are SHA-256 in hex: of the request's body, and of what a GET of the object answered before and after."""

    seq: int
    at: Moment
    actor: str
    action: str
    object: str
    outcome: str
    """done, refused, or unknown: still under way, or ended by a fault after which it may have happened."""
    status: int | None
    ended_at: Moment | None
    request_id: str
    body_hash: str
    before_hash: str
    after_hash: str

    @classmethod
    def of(cls, change: store.Change) -> Self:
        asked, ended = change.asked, change.ended
        return cls(
            seq=change.seq,
            at=asked.at,
            actor=asked.actor,
            action=asked.action,
            object=ended.object if ended else asked.object,
            outcome=ended.phase if ended else "unknown",
            status=ended.status if ended else None,
            ended_at=ended.at if ended else None,
            request_id=asked.request_id,
            body_hash=_hex(asked.body_hash),
            before_hash=_hex(asked.before_hash),
            after_hash=_hex(ended.after_hash if ended else None),
        )


class Verification(BaseModel):
    """Each entry's hash covers the one before, so nothing can be changed, removed or put between unseen."""

    whole: bool
    entries: int
    """Lines checked; a change has two."""
    head: str
    """Hash of the last good entry. Kept elsewhere, it proves later that nothing before it was rewritten."""
    broken_at: int | None


def router(stored: AuditStore, pages: Pages) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["access"], responses=PROBLEMS)

    @routes.get("/audit")
    async def list_changes(
        credential: Reader,
        actor: Annotated[str, Query(max_length=200)] = "",
        action: Annotated[str, Query(max_length=100)] = "",
        object: Annotated[str, Query(max_length=500, description="address, such as /v1/journeys/jrn_1")] = "",
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Change]:
        """Newest first."""
        size = pages.size(page_size, 50, 200)
        asked = Filter(actor, action, object, since, until)
        bound = (
            "audit",
            str(credential.workspace_id),
            *(str(part) for part in (actor, action, object, since, until)),
        )
        before = pages.position(page_token, *bound)
        found = await stored.page(credential.workspace_id, asked, size + 1, before)
        token = pages.token(found[size - 1].seq, *bound) if len(found) > size else ""
        return Page[Change](items=[Change.of(change) for change in found[:size]], next_page_token=token)

    @routes.get("/audit:verify")
    async def verify_audit(credential: Reader) -> Verification:
        found = await stored.verify(credential.workspace_id)
        return Verification(
            whole=found.broken_at is None,
            entries=found.entries,
            head=found.head.hex(),
            broken_at=found.broken_at,
        )

    return routes


def _hex(digest: bytes | None) -> str:
    return digest.hex() if digest else ""
