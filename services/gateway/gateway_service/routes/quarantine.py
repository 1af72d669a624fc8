"""What keeps people apart: identifiers set aside, links refused, decisions by hand; and how identity is doing."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from waypost.profile.v1 import identity_service_pb2 as pb
from waypost.profile.v1.directory_service_pb2 import ListSourcesRequest, Source
from waypost.profile.v1.profile_service_pb2 import GetIdentityHealthRequest

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken, given
from gateway_service.routes._identities import Decided, Deciding, Identity, Link
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read"))]
Writer = Annotated[Credential, Depends(needs("profiles:write"))]
HEALTH_S = 20.0


class SetAside(BaseModel):
    identity: Identity
    state: str
    """suspected, blocked or released."""
    reason: str
    since: Moment
    decided_at: Moment
    decision_id: str


class Decision(BaseModel):
    decision_id: str
    kind: str
    """always_link, never_link, blocked, released or undo."""
    left_identity_ids: list[str]
    right_identity_ids: list[str]
    undoes: str
    reason: str
    actor: str
    decided_at: Moment
    undone: bool


class Day(BaseModel):
    day: str
    merges: int
    splits: int


class Shared(BaseModel):
    identity: Identity
    count: int


class IdentityHealth(BaseModel):
    profile_count: int
    identity_count: int
    merge_count: int
    event_count: int
    dead_letter_count: int
    counted_share: float
    """Of all people. Below 1, in large workspaces, the counts but for dead letters are estimates from so many."""
    cluster_sizes: list[int]
    """People by number of identities: the first counts people of one identity, the last those of ten and more."""
    well_known_share: float
    """Of the people, those with two strong identifiers or more."""
    days: list[Day]
    """Of the last 30, UTC; days on which nobody merged or split are left out."""
    refused_links: dict[str, int]
    """By reason; `GET /v1/identity/refused-links` lists them."""
    set_aside: dict[str, int]
    """Identifiers by state; `GET /v1/identity/quarantine` lists them."""
    most_refused: list[Shared]
    """Identifiers with the most refused links."""
    most_shared: list[Shared]
    """Devices and cookies by how many had them, one after the other."""
    stale_sources: list[str]
    """Silent for longer than is expected of them; `GET /v1/sources` lists all."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["identity"], responses=PROBLEMS)

    async def call(method: str, request: Any, credential: Credential, deadline_s: float = 5.0) -> Any:
        return await remote.call("profile", method, request, credential, deadline_s=deadline_s)

    async def sources(credential: Credential) -> AsyncIterator[Source]:
        asked = ListSourcesRequest()
        while True:
            answer = await call("ListSources", asked, credential)
            for source in answer.sources:
                yield source
            if not answer.next_page_token:
                return
            asked = ListSourcesRequest(page_token=answer.next_page_token)

    @routes.get("/identity/quarantine")
    async def list_quarantine(
        credential: Reader,
        state: Annotated[Literal["", "suspected", "blocked", "released"], Query()] = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[SetAside]:
        """Identifiers set aside, newest first: they join nobody until they are released."""
        request = pb.ListQuarantineRequest(
            kind="identifiers", state=state, page_size=page_size, page_token=page_token
        )
        answer = await call("ListQuarantine", request, credential)
        return Page[SetAside](
            items=[
                SetAside(
                    identity=Identity.of(one.identity),
                    state=one.state,
                    reason=one.reason,
                    since=given(one, "time"),
                    decided_at=given(one, "decide_time"),
                    decision_id=one.decision_id,
                )
                for one in answer.identifiers
            ],
            next_page_token=answer.next_page_token,
        )

    @routes.get("/identity/refused-links")
    async def list_refused_links(
        credential: Reader,
        reason: Annotated[
            Literal["", "unique", "limit", "never_link", "too_large", "set_aside", "owned"], Query()
        ] = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Link]:
        """Identifiers that a record named together and that are not one person for it."""
        request = pb.ListQuarantineRequest(
            kind="links", state=reason, page_size=page_size, page_token=page_token
        )
        answer = await call("ListQuarantine", request, credential)
        return Page[Link](items=list(map(Link.of, answer.links)), next_page_token=answer.next_page_token)

    async def decide(
        identity_id: str, state: str, body: Deciding, http: Request, credential: Credential
    ) -> Decided:
        request = pb.DecideQuarantineRequest(
            identity_id=identity_id,
            state=state,
            reason=body.reason,
            request_id=mutation_id(http, credential),
        )
        return Decided(decision_id=(await call("DecideQuarantine", request, credential)).decision_id)

    @routes.post("/identity/quarantine/{identity_id}:block")
    async def block_identifier(
        identity_id: str, body: Deciding, http: Request, credential: Writer
    ) -> Decided:
        return await decide(identity_id, "blocked", body, http, credential)

    @routes.post("/identity/quarantine/{identity_id}:release")
    async def release_identifier(
        identity_id: str, body: Deciding, http: Request, credential: Writer
    ) -> Decided:
        return await decide(identity_id, "released", body, http, credential)

    @routes.get("/identity/decisions")
    async def list_decisions(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Decision]:
        """By hand, newest first."""
        request = pb.ListDecisionsRequest(page_size=page_size, page_token=page_token)
        answer = await call("ListDecisions", request, credential)
        return Page[Decision](
            items=[
                Decision(
                    decision_id=one.decision_id,
                    kind=one.kind,
                    left_identity_ids=list(one.left_identity_ids),
                    right_identity_ids=list(one.right_identity_ids),
                    undoes=one.undoes,
                    reason=one.reason,
                    actor=one.actor,
                    decided_at=given(one, "time"),
                    undone=one.undone,
                )
                for one in answer.decisions
            ],
            next_page_token=answer.next_page_token,
        )

    @routes.post("/identity/decisions/{decision_id}:undo")
    async def undo_decision(decision_id: str, body: Deciding, http: Request, credential: Writer) -> Decided:
        request = pb.UndoDecisionRequest(
            decision_id=decision_id, reason=body.reason, request_id=mutation_id(http, credential)
        )
        return Decided(decision_id=(await call("UndoDecision", request, credential)).decision_id)

    @routes.get("/identity/health")
    async def identity_health(credential: Reader) -> IdentityHealth:
        """Counts of the whole workspace, and what is worth a look."""
        answer = await call("GetIdentityHealth", GetIdentityHealthRequest(), credential, HEALTH_S)
        trends = await call("GetIdentityTrends", pb.GetIdentityTrendsRequest(), credential, HEALTH_S)
        return IdentityHealth(
            profile_count=answer.profile_count,
            identity_count=answer.identity_count,
            merge_count=answer.merge_count,
            event_count=answer.event_count,
            dead_letter_count=answer.dead_letter_count,
            counted_share=round(answer.counted_share or 1.0, 4),
            cluster_sizes=list(answer.cluster_sizes),
            well_known_share=round(min(1.0, trends.well_known_people / max(1, answer.profile_count)), 4),
            days=[Day(day=d.day, merges=d.merges, splits=d.splits) for d in trends.days],
            refused_links=dict(trends.refused),
            set_aside=dict(trends.set_aside),
            most_refused=[
                Shared(identity=Identity.of(o.identity), count=o.count) for o in trends.most_refused
            ],
            most_shared=[Shared(identity=Identity.of(o.identity), count=o.count) for o in trends.most_shared],
            stale_sources=[source.name async for source in sources(credential) if source.stale],
        )

    return routes
