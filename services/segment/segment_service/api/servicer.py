"""SegmentService: parse → use case or query → render."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis import context
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotCaughtUp
from chassis.grpc_server import Servicer
from chassis.ids import new_id
from chassis.paging import Pages
from chassis.requests import once
from rules import language
from waypost.segment.v1 import segment_service_pb2 as pb
from waypost.segment.v1 import segment_service_pb2_grpc as pb_grpc

from segment_service.api.convert import KINDS, description_of, segment_of, sized, uuid_of
from segment_service.queries.describe_rule import warnings
from segment_service.queries.rules import evaluate_rules, explain_membership
from segment_service.queries.segments import get_segment, list_members, list_of_person, list_segments
from segment_service.reading import read_rule
from segment_service.store import facts, known_names
from segment_service.usecases.create_segment import checked_name, create_segment

PEOPLE_MAX = 500
RULES_MAX = 20
PERSON_SEGMENTS_MAX = 500


class SegmentServicer(pb_grpc.SegmentServiceServicer):  # type: ignore[misc]
    def __init__(
        self, database: Database, pages: Pages, clock: Clock, wake_builder: Callable[[], None]
    ) -> None:
        self._database = database
        self._pages = pages
        self._clock = clock
        self._wake_builder = wake_builder

    async def CreateSegment(self, request: Any, _context: Any) -> pb.CreateSegmentResponse:
        name, rule = checked_name(request.name), read_rule(request.rule_json)

        async def work(tx: Tx) -> pb.CreateSegmentResponse:
            async def create() -> pb.CreateSegmentResponse:
                row = await create_segment(tx, f"seg_{new_id().hex}", name, rule, self._clock.now())
                return pb.CreateSegmentResponse(segment=segment_of(row))

            return await once(tx, request, pb.CreateSegmentResponse, create)

        response = await self._database.run(_workspace(), work)
        self._wake_builder()
        return response

    async def GetSegment(self, request: Any, _context: Any) -> pb.GetSegmentResponse:
        async with self._database.transaction(_workspace()) as tx:
            return pb.GetSegmentResponse(segment=sized(await get_segment(tx, request.segment_id)))

    async def ListSegments(self, request: Any, _context: Any) -> pb.ListSegmentsResponse:
        size = self._pages.size(request.page_size, 50, 200)
        place = ("segments", str(_workspace()))
        position = self._pages.position(request.page_token, *place)
        before = None if position is None else msgspec.convert(position, tuple[datetime, str])
        async with self._database.transaction(_workspace()) as tx:
            found = await list_segments(tx, before, size + 1)
        token = ""
        if len(found) > size:
            last = found[size - 1].row
            token = self._pages.token((last.created_at, last.segment_id), *place)
        return pb.ListSegmentsResponse(segments=map(sized, found[:size]), next_page_token=token)

    async def ListSegmentMembers(self, request: Any, _context: Any) -> pb.ListSegmentMembersResponse:
        size = self._pages.size(request.page_size, 100, 1000)
        place = ("members", str(_workspace()), request.segment_id)
        after = self._pages.position(request.page_token, *place)
        async with self._database.transaction(_workspace()) as tx:
            found = await list_members(tx, request.segment_id, -1 if after is None else after, size + 1)
        response = pb.ListSegmentMembersResponse()
        for profile_id, profile_no, entered_at in found[:size]:
            member = response.members.add(profile_id=str(profile_id), profile_no=profile_no)
            member.enter_time.FromDatetime(entered_at)
        if len(found) > size:
            response.next_page_token = self._pages.token(found[size - 1][1], *place)
        return response

    async def ListPersonSegments(self, request: Any, _context: Any) -> pb.ListPersonSegmentsResponse:
        profile_id = uuid_of(request.profile_id, "profile_id")
        async with self._database.transaction(_workspace()) as tx:
            found = await list_of_person(tx, profile_id, PERSON_SEGMENTS_MAX)
        response = pb.ListPersonSegmentsResponse()
        for segment_id, name, entered_at in found:
            response.segments.add(segment_id=segment_id, name=name).enter_time.FromDatetime(entered_at)
        return response

    async def ExplainMembership(self, request: Any, _context: Any) -> pb.ExplainMembershipResponse:
        profile_id = uuid_of(request.profile_id, "profile_id")
        async with self._database.transaction(_workspace()) as tx:
            member, tree = await explain_membership(tx, request.segment_id, profile_id)
        return pb.ExplainMembershipResponse(member=member, tree_json=msgspec.json.encode(tree))

    async def EvaluateRules(self, request: Any, _context: Any) -> pb.EvaluateRulesResponse:
        _at_most(len(request.profile_ids), PEOPLE_MAX, "profile_ids")
        _at_most(len(request.rules_json), RULES_MAX, "rules_json")
        people = [uuid_of(text, "profile_ids") for text in request.profile_ids]
        rules = [read_rule(raw, rule=str(n)) for n, raw in enumerate(request.rules_json)]
        _at_most(len(request.heard_events), PEOPLE_MAX, "heard_events")
        heard = {
            uuid_of(e.event_id, "heard_events"): uuid_of(e.identity_id, "heard_events")
            for e in request.heard_events
        }
        async with self._database.transaction(_workspace()) as tx:
            if missing := await facts.missing_events(tx, heard):
                raise NotCaughtUp(f"{missing} of the events have not come yet; ask again in a moment")
            results = await evaluate_rules(tx, people, rules)
        return pb.EvaluateRulesResponse(results=[pb.RuleResult(matches=matches) for matches in results])

    async def DescribeRule(self, request: Any, _context: Any) -> pb.DescribeRuleResponse:
        rule = read_rule(request.rule_json, loads=None)
        async with self._database.transaction(_workspace()) as tx:
            return description_of(rule, await warnings(tx, rule, msgspec.json.decode(request.rule_json)))

    async def GetRuleLanguage(self, _request: Any, _context: Any) -> pb.GetRuleLanguageResponse:
        return pb.GetRuleLanguageResponse(language_json=msgspec.json.encode(language()))

    async def ListKnownNames(self, request: Any, _context: Any) -> pb.ListKnownNamesResponse:
        kind = KINDS.get(request.kind)
        if kind is None:
            raise InvalidArgument("kind must be event or trait", field="kind")
        size = self._pages.size(request.page_size, 100, 1000)
        place = ("names", str(_workspace()), kind, request.prefix)
        after = self._pages.position(request.page_token, *place)
        async with self._database.transaction(_workspace()) as tx:
            found = await known_names.page(tx, kind, request.prefix, after or "", size + 1)
        token = self._pages.token(found[size - 1], *place) if len(found) > size else ""
        return pb.ListKnownNamesResponse(names=found[:size], next_page_token=token)


def servicer(implementation: SegmentServicer) -> Servicer:
    name = pb.DESCRIPTOR.services_by_name["SegmentService"].full_name
    return Servicer(
        name, pb_grpc.add_SegmentServiceServicer_to_server, implementation, {"EvaluateRules": "journey"}
    )


def _workspace() -> UUID:
    return context.current().workspace_id


def _at_most(count: int, most: int, field: str) -> None:
    if count > most:
        raise InvalidArgument(f"{field} holds at most {most} entries, not {count}", field=field)
