"""Rows → messages, and the reading of fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.clock import from_ms
from chassis.errors import InvalidArgument, NotFound
from google.protobuf.timestamp_pb2 import Timestamp
from waypost.scoring.v1 import rfm_service_pb2 as pb

from scoring_service.domain.groups import GROUPS
from scoring_service.domain.model import MODELS, Model
from scoring_service.store.rfm import Score

_WORDS = {group.key: group for group in GROUPS}


def summary_of(stored: Mapping[str, Any]) -> pb.RfmSummary:
    as_of = Timestamp()
    as_of.FromMilliseconds(stored["as_of_ms"])
    return pb.RfmSummary(
        model=stored["model"],
        as_of_time=as_of,
        window_days=stored["window_days"],
        customer_count=stored["customer_count"],
        order_count=stored["order_count"],
        amount_minor=stored["amount_minor"],
        groups=[
            pb.RfmGroup(label_en=_WORDS[g["group"]].en, label_zh=_WORDS[g["group"]].zh, **g)
            for g in stored["groups"]
        ],
        recency_days_thresholds=stored["recency_days_thresholds"],
        frequency_thresholds=stored["frequency_thresholds"],
        monetary_minor_thresholds=stored["monetary_minor_thresholds"],
    )


def score_of(score: Score) -> pb.GetRfmScoreResponse:
    as_of = Timestamp()
    as_of.FromDatetime(score.as_of)
    return pb.GetRfmScoreResponse(
        profile_id=str(score.profile_id),
        recency=score.recency,
        frequency=score.frequency,
        monetary=score.monetary,
        group=score.group,
        as_of_time=as_of,
    )


def model_of(name: str) -> Model:
    """The model named; "default" when none is."""
    found = MODELS.get(name or "default")
    if found is None:
        raise NotFound("there is no model with this name", kind="rfm_model", id=name)
    return found


def moment_of(request: Any) -> datetime | None:
    """as_of_time, to the millisecond; None when it is not given."""
    if not request.HasField("as_of_time"):
        return None
    time = request.as_of_time
    try:
        return from_ms(int(time.seconds) * 1000 + int(time.nanos) // 1_000_000)
    except OverflowError as error:
        raise InvalidArgument("as_of_time is not a moment", field="as_of_time") from error


def uuid_of(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidArgument(f"{field} must be a UUID", field=field) from error
