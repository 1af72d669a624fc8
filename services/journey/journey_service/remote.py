"""The other services that a batch depends on, asked once per batch before its transaction."""

import asyncio
from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec
import rules
from chassis.errors import NotCaughtUp, ServiceError
from chassis.grpc_client import Peers
from waypost.segment.v1 import segment_service_pb2 as pb
from waypost.segment.v1.segment_service_pb2_grpc import SegmentServiceStub

from journey_service.ports import Key

MOMENT_S = 0.02
MOMENTS = 50
"""A batch whose events segment has not heard of after a second comes again."""


class SegmentRules:
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def hold(
        self,
        workspace_id: UUID,
        asked: Iterable[tuple[rules.Rule, str, Key]],
        heard: Iterable[tuple[UUID, str]],
    ) -> Mapping[Key, bool]:
        """A person is asked about once per rule, however many keys want to know: segment takes 500 people a call,
        which is as many as a batch has records."""
        events = [pb.HeardEvent(identity_id=str(i), event_id=event_id) for i, event_id in heard]
        by_rule: dict[bytes, dict[str, list[Key]]] = {}
        for rule, person, key in asked:
            by_rule.setdefault(msgspec.json.encode(rules.render(rule)), {}).setdefault(person, []).append(key)
        holds: dict[Key, bool] = {}
        for rule_json, keys in by_rule.items():
            request = pb.EvaluateRulesRequest(
                profile_ids=list(keys), rules_json=[rule_json], heard_events=events
            )
            answer = await self._ask(workspace_id, request)
            for wanting, verdict in zip(keys.values(), answer.results[0].matches, strict=True):
                holds |= dict.fromkeys(wanting, verdict)
        return holds

    async def _ask(self, workspace_id: UUID, request: pb.EvaluateRulesRequest) -> pb.EvaluateRulesResponse:
        """Segment hears of an event when we do, and may need a moment longer."""
        stub = self._peers.stub("segment", SegmentServiceStub)
        for _ in range(MOMENTS):
            try:
                return await self._peers.call(stub.EvaluateRules, request, self._peers.tenant(workspace_id))
            except ServiceError as error:
                if error.reason != NotCaughtUp.reason:
                    raise
            await asyncio.sleep(MOMENT_S)
        raise NotCaughtUp("segment has not heard of the batch's events yet")
