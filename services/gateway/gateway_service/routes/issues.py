"""What ingestion could not take as it came: refused here, held back, coerced or dead-lettered by profile."""

from typing import Annotated, Any, Literal

import msgspec
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from waypost.profile.v1 import profile_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.issue_words import advice
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken, given
from gateway_service.routes._issue_ids import IssueName
from gateway_service.store import issues as store
from gateway_service.store.issues import IssueStore
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("ingestion:read"))]


class Issue(BaseModel):
    """Issues of one reason and place, counted together, with the newest sample."""

    issue_id: str
    source: Literal["gateway", "profile"]
    kind: str
    reason: str
    path: str
    event_name: str
    count: int
    first_at: Moment
    last_at: Moment
    sample_message_id: str
    detail: str
    advice: str
    """How to mend it, in the language of Accept-Language; empty where the reason says it all."""


def router(remote: Remote, issues: IssueStore, pages: Pages) -> APIRouter:
    routes = APIRouter(prefix="/v1/ingestion", tags=["ingestion"], responses=PROBLEMS)

    @routes.get("/issues")
    async def list_issues(
        credential: Reader, request: Request, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Issue]:
        """Each page newest first; the gateway's issues come before those of profile."""
        size = pages.size(page_size, 50, 200)
        position = pages.position(page_token, "issues", str(credential.workspace_id))
        language = request.headers.get("accept-language", "")
        items: list[Issue] = []
        theirs = ""
        if position is None or "gateway" in position:
            mine = await issues.page(credential.workspace_id, size + 1, _after(position))
            items = [_of_gateway(one, language) for one in mine[:size]]
            if len(mine) > size:
                return _page(pages, credential, items, {"gateway": mine[size - 1]})
            if len(items) == size:
                return _page(pages, credential, items, {"profile": ""})
        else:
            theirs = position["profile"]
        asked = pb.ListIngestionIssuesRequest(page_size=size - len(items), page_token=theirs)
        answer = await remote.call("profile", "ListIngestionIssues", asked, credential)
        items += [_of_profile(one, language) for one in answer.issues]
        items.sort(key=lambda issue: issue.last_at, reverse=True)
        more = {"profile": answer.next_page_token} if answer.next_page_token else None
        return _page(pages, credential, items, more)

    return routes


def _page(pages: Pages, credential: Credential, items: list[Issue], position: Any) -> Page[Issue]:
    token = pages.token(position, "issues", str(credential.workspace_id)) if position else ""
    return Page[Issue](items=items, next_page_token=token)


def _after(position: Any) -> store.Issue | None:
    """The row that the page before ended with."""
    if position is None:
        return None
    return msgspec.convert(position["gateway"], store.Issue)


def _of_gateway(issue: store.Issue, language: str) -> Issue:
    return Issue(
        issue_id=IssueName("gateway", *issue.key).id,
        source="gateway",
        kind=issue.kind,
        reason=issue.reason,
        path=issue.path,
        event_name=issue.event_name,
        count=issue.count,
        first_at=issue.first_at,
        last_at=issue.last_at,
        sample_message_id=issue.sample_message_id,
        detail=issue.detail,
        advice=advice(issue.reason, language),
    )


def _of_profile(issue: pb.IngestionIssue, language: str) -> Issue:
    reason, event_name, path, detail = issue.reason, issue.event_name, issue.path, issue.detail
    if issue.kind == "dead_letter" and ":" in reason:
        # Letters of blocked calls name fault, event and place in one.
        reason, _, where = reason.partition(":")
        event_name, _, inner = where.rpartition(":")
        path, detail = f"properties{inner}", detail.removeprefix(f"{where}: ")
    return Issue(
        issue_id=IssueName("profile", issue.kind, issue.reason, issue.path, issue.event_name).id,
        source="profile",
        kind=issue.kind,
        reason=reason,
        path=path,
        event_name=event_name,
        count=issue.count,
        first_at=given(issue, "first_time"),
        last_at=given(issue, "last_time"),
        sample_message_id=issue.sample_message_id,
        detail=detail,
        advice=advice("schema" if reason.startswith("schema_") else reason, language),
    )
