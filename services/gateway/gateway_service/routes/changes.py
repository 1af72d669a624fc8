"""The feed of what changed of people."""

from typing import Annotated

from chassis.grpc_client import RemoteError
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from waypost.profile.v1 import search_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.problems import FieldError, Problem, answer_of
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS, Moment, PageSize, given
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read", confined=True))]


class Change(BaseModel):
    profile_id: str
    """The person of today."""
    identity_id: str
    version: int
    """Grows with every change of the identity."""
    changed: list[str]
    """`created`, `identifiers`, `contact_points`, `merged`, `traits.city` …"""
    changed_at: Moment
    cause: str
    """What did it, for example `message:` and its id."""


class Changes(BaseModel):
    items: list[Change]
    cursor: str
    """For `after`; it stays good for a week."""
    caught_up: bool
    """Whether nothing was left when it was looked."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["profiles"], responses=PROBLEMS)

    @routes.get(
        "/profiles/changes",
        responses={410: answer_of("What followed is no longer kept")},
    )
    async def list_profile_changes(
        credential: Reader,
        after: Annotated[str, Query(max_length=4096, description="cursor of the answer before")] = "",
        page_size: PageSize = 0,
    ) -> Changes:
        """In the order of commits, each once, complete for a week; without `after` from the oldest that is kept."""
        message = pb.ListChangesRequest(page_size=page_size, page_token=after)
        try:
            answer = await remote.call("profile", "ListChanges", message, credential)
        except RemoteError as error:
            if error.reason == "CURSOR_EXPIRED":
                fields = [FieldError(pointer="#after", reason="expired")]
                raise Problem(410, error.reason, error.message, errors=fields) from error
            raise
        return Changes(
            items=[
                Change(
                    profile_id=one.profile_id,
                    identity_id=one.identity_id,
                    version=one.version,
                    changed=list(one.changed),
                    changed_at=given(one, "change_time"),
                    cause=one.cause,
                )
                for one in answer.changes
            ],
            cursor=answer.next_page_token,
            caught_up=answer.caught_up,
        )

    return routes
