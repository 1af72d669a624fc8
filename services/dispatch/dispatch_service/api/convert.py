"""Rows → messages of the contract."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis.errors import InvalidArgument
from waypost.dispatch.v1 import message_service_pb2 as pb

from dispatch_service.domain.content import PARTS
from dispatch_service.domain.messages import MessageState
from dispatch_service.events.published import STATES
from dispatch_service.ports import Channel, Provider


def message(row: Any, attempts: Iterable[Any]) -> pb.Message:
    rendered = pb.Message(
        message_id=str(row["message_id"]),
        intention_key=row["key"],
        profile_id=str(row["profile_id"]),
        channel=row["channel"],
        account=row["account"],
        journey_id=row["journey_id"],
        node_id=row["node_id"],
        run_id=row["run_id"],
        trigger_id=row["trigger_id"],
        state=STATES[MessageState(row["state"])],
        reason=row["reason"],
        address_masked=row["address_masked"],
        attempts=[_attempt(one) for one in attempts],
        purpose=row["purpose"],
        topic=row["topic"],
        org_unit_id=row["org_unit_id"],
    )
    rendered.create_time.FromDatetime(row["created_at"])
    rendered.update_time.FromDatetime(row["updated_at"])
    return rendered


def messages(rows: Sequence[Any], attempts: Sequence[Any]) -> list[pb.Message]:
    of: dict[UUID, list[Any]] = {}
    for one in attempts:
        of.setdefault(one["message_id"], []).append(one)
    return [message(row, of.get(row["message_id"], [])) for row in rows]


def template(row: Any) -> pb.Template:
    rendered = pb.Template(template_id=row["template_id"], name=row["name"], channel=row["channel"])
    for part in PARTS:
        setattr(rendered, part, row[part])
    rendered.create_time.FromDatetime(row["created_at"])
    return rendered


def channel(provider: Provider, kind: Channel) -> pb.Channel:
    return pb.Channel(
        channel=provider.channel,
        account=provider.account,
        label_json=msgspec.json.encode(kind.label),
        config_schema_json=msgspec.json.encode(provider.config_schema),
        template_schema_json=msgspec.json.encode(kind.template_schema),
    )


def limit(channel: str, account: str, per_second: int, source: str, updated_at: datetime) -> pb.Limit:
    rendered = pb.Limit(channel=channel, account=account, per_second=per_second, source=source)
    rendered.update_time.FromDatetime(updated_at)
    return rendered


def outcome(row: Any) -> pb.OutcomeCount:
    return pb.OutcomeCount(
        journey_id=row["journey_id"],
        node_id=row["node_id"],
        channel=row["channel"],
        state=STATES[MessageState(row["state"])],
        reason=row["reason"],
        count=row["count"],
    )


def state_name(state: int) -> str:
    """The stored name of a state of the contract; empty for unspecified."""
    if state == 0:
        return ""
    for own, theirs in STATES.items():
        if theirs == state:
            return own
    raise InvalidArgument("state is not one this service knows", field="state")


def uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidArgument(f"{field} must be a UUID", field=field) from error


def _attempt(row: Any) -> pb.Attempt:
    rendered = pb.Attempt(number=row["number"], state=row["state"], provider_code=row["provider_code"])
    rendered.create_time.FromDatetime(row["created_at"])
    rendered.update_time.FromDatetime(row["updated_at"])
    return rendered
