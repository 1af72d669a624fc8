"""Audiences of entries, asked of segment once per batch before the transaction."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
import rules
from chassis.grpc_client import Peers
from waypost.segment.v1 import segment_service_pb2 as pb
from waypost.segment.v1.segment_service_pb2_grpc import SegmentServiceStub

Key = TypeVar("Key", bound=Hashable)


async def evaluate_rules(
    peers: Peers, workspace_id: UUID, wanted: Mapping[rules.Rule, Sequence[tuple[str, Key]]]
) -> frozenset[Key]:
    """`wanted`: rule → (profile id, key). The keys whose rule does not hold for their person."""
    stub = peers.stub("segment", SegmentServiceStub)
    refused: set[Key] = set()
    for rule, asked in wanted.items():
        request = pb.EvaluateRulesRequest(
            profile_ids=[person for person, _ in asked], rules_json=[msgspec.json.encode(rules.render(rule))]
        )
        answer = await peers.call(stub.EvaluateRules, request, peers.tenant(workspace_id))
        refused |= {
            key for (_, key), holds in zip(asked, answer.results[0].matches, strict=True) if not holds
        }
    return frozenset(refused)
