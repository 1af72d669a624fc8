"""The other services that a batch depends on, asked once per batch before its transaction."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec
import rules
from chassis.grpc_client import Peers
from waypost.segment.v1 import segment_service_pb2 as pb
from waypost.segment.v1.segment_service_pb2_grpc import SegmentServiceStub

from journey_service.ports import Key


class SegmentRules:
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def hold(
        self, workspace_id: UUID, asked: Iterable[tuple[rules.Rule, str, Key]]
    ) -> Mapping[Key, bool]:
        """A person is asked about once per rule, however many keys want to know: segment takes 500 people a call,
        which is as many as a batch has records."""
        stub = self._peers.stub("segment", SegmentServiceStub)
        by_rule: dict[bytes, dict[str, list[Key]]] = {}
        for rule, person, key in asked:
            by_rule.setdefault(msgspec.json.encode(rules.render(rule)), {}).setdefault(person, []).append(key)
        holds: dict[Key, bool] = {}
        for rule_json, keys in by_rule.items():
            request = pb.EvaluateRulesRequest(profile_ids=list(keys), rules_json=[rule_json])
            answer = await self._peers.call(stub.EvaluateRules, request, self._peers.tenant(workspace_id))
            for wanting, verdict in zip(keys.values(), answer.results[0].matches, strict=True):
                holds |= dict.fromkeys(wanting, verdict)
        return holds
