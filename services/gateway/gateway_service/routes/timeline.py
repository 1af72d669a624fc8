"""What a person did and what happened to them, newest first, out of all services."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from waypost.dispatch.v1 import timeline_service_pb2 as dispatch_pb
from waypost.journey.v1 import timeline_service_pb2 as journey_pb
from waypost.profile.v1 import search_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import Remote
from gateway_service.routes._answers import (
    PROBLEMS,
    JsonObject,
    Moment,
    PageSize,
    PageToken,
    Time,
    given,
    json_of,
    stamp_of,
)
from gateway_service.routes._away import ask
from gateway_service.routes._people import profile_id_of
from gateway_service.store.keys import Credential
from gateway_service.time_line import Item, Part, Place, merge
from gateway_service.time_line_words import title_of

Reader = Annotated[Credential, Depends(needs("profiles:read", confined=True))]
KINDS = {"event": "profile", "order": "profile", "message": "dispatch", "journey_step": "journey"}
"""Kind of an item → the service that keeps it."""
DEFAULT_SIZE, MOST = 50, 200


class Titles(BaseModel):
    en: str
    zh: str


class TimelineItem(BaseModel):
    kind: str
    """event, order, message or journey_step."""
    id: str
    at: Moment
    title: Titles
    details: JsonObject


class Timeline(BaseModel):
    items: list[TimelineItem]
    next_page_token: str = ""
    """Empty on the last page."""
    missing: list[str] = []
    """Services that did not answer: what they have is not on this page, nor on the next. Ask for the page again."""


def router(remote: Remote, pages: Pages) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["profiles"], responses=PROBLEMS)

    @routes.get("/profiles/{profile}/timeline")
    async def get_timeline(
        profile: str,
        credential: Reader,
        types: Annotated[str, Query(max_length=200, description=f"some of {','.join(KINDS)}")] = "",
        since: Time = None,
        until: Time = None,
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Timeline:
        """From `since` to before `until`. An event of a shared device counts while the device was this person's."""
        kinds = _kinds(types)
        profile_id = await profile_id_of(remote, credential, profile)
        size = min(page_size or DEFAULT_SIZE, MOST)
        bound_to = ("timeline", str(credential.workspace_id), profile_id, types, str(since), str(until))
        known = pages.position(page_token, *bound_to)
        services = {KINDS[kind] for kind in kinds}
        places = msgspec.convert(known, dict[str, Place]) if known else {s: Place() for s in sorted(services)}
        question = _Question(remote, credential, since, until, size, places)
        merged = merge(await question.parts(profile_id, kinds), places, size)
        return Timeline(
            items=[_shown(item) for item in merged.items],
            next_page_token=pages.token(merged.places, *bound_to) if merged.places else "",
            missing=merged.missing,
        )

    return routes


@dataclass(frozen=True, slots=True)
class _Question:
    """One page's question to all services."""

    remote: Remote
    credential: Credential
    since: datetime | None
    until: datetime | None
    size: int
    places: Mapping[str, Place]

    async def parts(self, profile_id: str, kinds: Sequence[str]) -> dict[str, Part]:
        """Profile is asked first, always: it says who the person is, and whether the caller may see them."""
        own = [kind for kind in kinds if KINDS[kind] == "profile"]
        request = pb.ListTimelineRequest(profile_id=profile_id, kinds=own, **self._span("profile"))
        if not self._goes_on("profile"):
            request.page_size = 1
        mine = await self.remote.call("profile", "ListTimeline", request, self.credential)
        ids = {"profile_ids": mine.profile_ids, "identity_ids": mine.identity_ids}
        asking: dict[str, Awaitable[Part]] = {}
        if self._goes_on("dispatch"):
            messages = dispatch_pb.ListTimelineRequest(**ids, **self._span("dispatch"))
            asking["dispatch"] = self._part("dispatch", messages, _message)
        if self._goes_on("journey"):
            steps = journey_pb.ListTimelineRequest(**ids, **self._span("journey"))
            asking["journey"] = self._part("journey", steps, _step)
        found = dict(zip(asking, await asyncio.gather(*asking.values()), strict=True))
        if self._goes_on("profile"):
            found["profile"] = Part([_of_profile(one) for one in mine.items], bool(mine.next_page_token))
        return found

    def _goes_on(self, service: str) -> bool:
        return service in self.places and not self.places[service].done

    def _span(self, service: str) -> dict[str, Any]:
        """What every question has: which time, and from where on."""
        place = self.places.get(service, Place())
        ends = min(filter(None, (self.until, place.until)), default=None)
        return {
            "from_time": stamp_of(self.since),
            "to_time": stamp_of(ends),
            "page_size": self.size,
            "page_token": place.token,
        }

    async def _part(self, service: str, request: Any, read: Callable[[Any], Item]) -> Part:
        """What the service has, or that it cannot be had."""
        answer = await ask(self.remote, service, "ListTimeline", request, self.credential)
        if answer is None:
            return Part(None)
        return Part([read(one) for one in answer.items], bool(answer.next_page_token))


def _kinds(types: str) -> list[str]:
    """Those asked for. Raises Problem for an unknown one."""
    asked = [kind for kind in types.split(",") if kind] or list(KINDS)
    if unknown := [kind for kind in asked if kind not in KINDS]:
        raise Problem(
            400,
            "FIELD_INVALID",
            f"there is no type {unknown[0]}; types are {', '.join(KINDS)}",
            errors=[FieldError(pointer="#types", reason="unknown_value")],
        )
    return asked


def _of_profile(one: pb.TimelineItem) -> Item:
    details = json_of(one.details_json)
    return Item(one.kind, one.item_id, given(one, "event_time"), one.name, details, one.page_token)


def _message(one: dispatch_pb.TimelineItem) -> Item:
    names = ("channel", "state", "reason", "journey_id", "node_id", "run_id")
    details = {name: getattr(one, name) for name in names}
    return Item("message", one.message_id, given(one, "create_time"), "", details, one.page_token)


def _step(one: journey_pb.TimelineItem) -> Item:
    names = ("run_id", "sequence", "journey_id", "journey_name", "node_id", "outcome", "to_node_id")
    details = {name: getattr(one, name) for name in names}
    item_id = f"{one.run_id}:{one.sequence}"
    return Item("journey_step", item_id, given(one, "create_time"), one.journey_name, details, one.page_token)


def _shown(item: Item) -> TimelineItem:
    en, zh = title_of(item)
    return TimelineItem(
        kind=item.kind, id=item.item_id, at=item.at, title=Titles(en=en, zh=zh), details=dict(item.details)
    )
