"""Samples of an ingestion issue: looked at, mended and sent again, or forgotten."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from chassis.crypto import Ciphers
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import profile_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.ingest.commit import GroupCommit
from gateway_service.ingest.rejected import RejectedEvent
from gateway_service.ingest.replay import Kept, Replayed, dead_letter, replay
from gateway_service.masking import masked
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, JsonObject, Moment, Page, PageSize, PageToken, given
from gateway_service.routes._issue_ids import IssueName
from gateway_service.store.keys import Credential
from gateway_service.store.rejected import RejectedStore

Reader = Annotated[Credential, Depends(needs("ingestion:read"))]
Writer = Annotated[Credential, Depends(needs("ingestion:write"))]
PAGE = 100
"""Events replayed at a time: 3 MB at most."""


class IssueSample(BaseModel):
    """An event as it came, personal data hidden."""

    sample_id: str
    at: Moment
    event: Any
    detail: str = ""


class ReplayOf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    patch: JsonObject | None = Field(
        default=None,
        description="JSON merge patch (RFC 7396) applied to each event: null removes a member",
        examples=[{"properties": {"total": 0, "Total": None}}],
    )


class RejectedAgain(BaseModel):
    sample_id: str
    reason: str
    detail: str


class ReplayAnswer(BaseModel):
    """Sent after the broker has every replayed event on disk."""

    replayed: int
    rejected: int
    rejections: list[RejectedAgain]
    """The first hundred that were rejected again; they are kept."""


class Dismissed(BaseModel):
    dismissed: bool = True


class IssueSamples:
    """Where the samples of an issue are: with the gateway what it refused, with profile its dead letters."""

    def __init__(self, remote: Remote, store: RejectedStore, ciphers: Ciphers, pages: Pages) -> None:
        self._remote = remote
        self._store = store
        self._ciphers = ciphers
        self._pages = pages

    async def page(
        self, issue: IssueName, credential: Credential, size: int, token: str
    ) -> tuple[list[IssueSample], str]:
        if issue.source == "profile":
            return await self._letters(issue, credential, size, token)
        place = ("samples", str(credential.workspace_id), *issue.key)
        position = self._pages.position(token, *place)
        before = None if position is None else msgspec.convert(position, tuple[datetime, UUID])
        found = await self._store.page(credential.workspace_id, issue.key, before, size + 1)
        cipher = self._ciphers.of(credential.workspace_id)
        items = [
            IssueSample(
                sample_id=str(one.sample_id),
                at=one.at,
                event=_shown(RejectedEvent.unseal(cipher, one.sealed).event),
            )
            for one in found[:size]
        ]
        more = len(found) > size
        last = found[size - 1] if more else None
        return items, self._pages.token((last.at, last.sample_id), *place) if last else ""

    async def _letters(
        self, issue: IssueName, credential: Credential, size: int, token: str
    ) -> tuple[list[IssueSample], str]:
        answer = await self._ask_letters(issue, credential, size, token)
        items = [
            IssueSample(
                sample_id=str(one.dead_letter_id),
                at=given(one, "create_time"),
                event=_shown(dead_letter(one.record)[0].event),
                detail=one.detail,
            )
            for one in answer.dead_letters
        ]
        return items, answer.next_page_token

    async def _ask_letters(self, issue: IssueName, credential: Credential, size: int, token: str) -> Any:
        if issue.kind != "dead_letter":
            # What profile coerced or held back is stored: nothing waits to be sent again.
            return pb.ListDeadLettersResponse()
        request = pb.ListDeadLettersRequest(reason=issue.reason, page_size=size, page_token=token)
        return await self._remote.call("profile", "ListDeadLetters", request, credential)

    async def kept(self, issue: IssueName, credential: Credential) -> AsyncIterator[list[Kept]]:
        """Pages of what can be sent again; what is written meanwhile is not among them."""
        if issue.source == "profile":
            token: str | None = ""
            while token is not None:
                answer = await self._ask_letters(issue, credential, PAGE, token)
                yield [Kept(one.dead_letter_id, *dead_letter(one.record)) for one in answer.dead_letters]
                token = answer.next_page_token or None
            return
        cipher = self._ciphers.of(credential.workspace_id)
        before = None
        while found := await self._store.page(credential.workspace_id, issue.key, before, PAGE):
            yield [Kept(one.sample_id, RejectedEvent.unseal(cipher, one.sealed)) for one in found]
            before = (found[-1].at, found[-1].sample_id)

    async def forget(self, issue: IssueName, credential: Credential, ids: Sequence[Any]) -> None:
        if issue.source == "gateway":
            await self._store.forget(credential.workspace_id, issue.key, ids)
        else:
            request = pb.DeleteDeadLettersRequest(dead_letter_ids=ids)
            await self._remote.call("profile", "DeleteDeadLetters", request, credential)

    async def dismiss(self, issue: IssueName, credential: Credential, request_id: str) -> None:
        if issue.source == "gateway":
            await self._store.dismiss(credential.workspace_id, issue.key)
            return
        kind, reason, path, event_name = issue.key
        message = pb.DismissIngestionIssueRequest(
            kind=kind, reason=reason, path=path, event_name=event_name, request_id=request_id
        )
        await self._remote.call("profile", "DismissIngestionIssue", message, credential)


def router(samples: IssueSamples, commit: GroupCommit, pages: Pages) -> APIRouter:
    routes = APIRouter(prefix="/v1/ingestion/issues", tags=["ingestion"], responses=PROBLEMS)

    @routes.get("/{issue_id}/samples")
    async def list_samples(
        issue_id: str, credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[IssueSample]:
        """Events that are kept of an issue, newest first: of what the gateway refused the newest 1,000, for a week;
        of what profile could not store all of it. What was stored all the same, held back or coerced, has none."""
        size = pages.size(page_size, 50, 200)
        items, token = await samples.page(IssueName.read(issue_id), credential, size, page_token)
        return Page[IssueSample](items=items, next_page_token=token)

    @routes.post("/{issue_id}:replay")
    async def replay_issue(issue_id: str, body: ReplayOf, credential: Writer) -> ReplayAnswer:
        """Sends the kept events again as history (facts, no actions) under their own message ids, patched if asked.
        What is stored is forgotten here, so a second call does nothing; what is rejected again stays."""
        _check(body.patch)
        issue, done = IssueName.read(issue_id), Replayed()
        forget = partial(samples.forget, issue, credential)
        async for page in samples.kept(issue, credential):
            await replay(commit, credential.workspace_id, page, body.patch, forget, done)
        return ReplayAnswer(
            replayed=done.replayed,
            rejected=done.rejected,
            rejections=[
                RejectedAgain(sample_id=str(id_), reason=one.reason, detail=one.detail)
                for id_, one in done.shown
            ],
        )

    @routes.post("/{issue_id}:dismiss")
    async def dismiss_issue(issue_id: str, request: Request, credential: Writer) -> Dismissed:
        """Forgets the issue and its events; it comes back when it happens again."""
        await samples.dismiss(IssueName.read(issue_id), credential, mutation_id(request, credential))
        return Dismissed()

    return routes


def _check(patch: JsonObject | None) -> None:
    if patch is not None and "messageId" in patch:
        field = FieldError(
            pointer="/patch/messageId", reason="not_patchable", detail="it tells an event from the others"
        )
        raise Problem(400, "FIELD_INVALID", "every event keeps its own messageId", errors=[field])


def _shown(event: bytes) -> Any:
    try:
        return masked(msgspec.json.decode(event))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
