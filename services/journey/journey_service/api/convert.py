"""Rows and values → messages."""

from collections.abc import Mapping
from typing import Any

import msgspec
from waypost.journey.v1 import journey_service_pb2 as pb

from journey_service.domain.run import Run

_STATES = {
    "draft": pb.JOURNEY_STATE_DRAFT,
    "active": pb.JOURNEY_STATE_ACTIVE,
    "paused": pb.JOURNEY_STATE_PAUSED,
}


def journey(row: Any) -> pb.Journey:
    found = pb.Journey(
        journey_id=row["journey_id"],
        name=row["name"],
        state=_STATES[row["state"]],
        version=row["version"],
        definition_json=msgspec.json.encode(row["draft"]),
        etag=str(row["revision"]),
    )
    found.create_time.FromDatetime(row["created_at"])
    found.update_time.FromDatetime(row["updated_at"])
    return found


def run(found: Run) -> pb.Run:
    message = pb.Run(
        run_id=str(found.run_id),
        journey_id=found.journey_id,
        journey_version=found.version,
        profile_id=str(found.profile_id),
        trigger_id=found.trigger_id,
        state=found.state,
        node_id=found.node_id,
        sequence=found.sequence,
        exit_reason=found.exit_reason,
    )
    message.enter_time.FromDatetime(found.entered_at)
    if found.exited_at:
        message.exit_time.FromDatetime(found.exited_at)
    if found.wake_at:
        message.wake_time.FromDatetime(found.wake_at)
    return message


def transition(row: Any) -> pb.Transition:
    message = pb.Transition(
        sequence=row["sequence"],
        node_id=row["node_id"],
        outcome=row["outcome"],
        to_node_id=row["to_node_id"],
        inputs_json=msgspec.json.encode(row["inputs"]),
    )
    message.create_time.FromDatetime(row["created_at"])
    return message


def metrics(
    definition: Any,
    arrivals: Mapping[str, int],
    counts: dict[str, Any],
    by_state: list[Any],
    refused: dict[str, int],
    intentions: int,
) -> pb.GetJourneyMetricsResponse:
    kinds = {node_id: str(node.get("kind")) for node_id, node in definition["nodes"].items()}
    empty = {"waiting": 0, "frozen": 0, "exited": 0, "passed": 0, "passed_by": {}}
    nodes = []
    for node_id in [*kinds, *(n for n in counts if n not in kinds)]:
        found = counts.get(node_id, empty)
        entered = arrivals.get(node_id, 0)
        nodes.append(pb.NodeMetrics(node_id=node_id, kind=kinds.get(node_id, ""), entered=entered, **found))
    exited: dict[str, int] = {}
    for row in by_state:
        if row["state"] != "active":
            exited[row["exit_reason"]] = exited.get(row["exit_reason"], 0) + row["count"]
    return pb.GetJourneyMetricsResponse(
        nodes=nodes,
        runs_entered=sum(r["count"] for r in by_state),
        runs_active=sum(r["count"] for r in by_state if r["state"] == "active"),
        runs_exited=exited,
        entries_refused=refused,
        intentions_issued=intentions,
    )
