"""Audiences of entries, asked of segment once per batch before the transaction."""

from collections.abc import Hashable, Iterable
from typing import TypeVar
from uuid import UUID

import msgspec
import rules
from chassis.grpc_client import Peers
from waypost.segment.v1 import segment_service_pb2 as pb
from waypost.segment.v1.segment_service_pb2_grpc import SegmentServiceStub

Key = TypeVar("Key", bound=Hashable)


async def evaluate_rules(
    peers: Peers, workspace_id: UUID, wanted: Iterable[tuple[rules.Rule, str, Key]]
) -> dict[Key, bool]:
    """`wanted`: (rule, profile id, key). For each key whether its rule holds for its person.

    A person is asked about once per rule, however many keys want to know: segment takes 500 people a call, which is
    as many as a batch has records.
    """
    stub = peers.stub("segment", SegmentServiceStub)
    by_rule: dict[bytes, dict[str, list[Key]]] = {}
    for rule, person, key in wanted:
        by_rule.setdefault(msgspec.json.encode(rules.render(rule)), {}).setdefault(person, []).append(key)
    holds: dict[Key, bool] = {}
    for rule_json, keys in by_rule.items():
        request = pb.EvaluateRulesRequest(profile_ids=list(keys), rules_json=[rule_json])
        answer = await peers.call(stub.EvaluateRules, request, peers.tenant(workspace_id))
        for asked, verdict in zip(keys.values(), answer.results[0].matches, strict=True):
            holds |= dict.fromkeys(asked, verdict)
    return holds
