"""Identifiers and links between them, as answers."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import identity_service_pb2 as pb

from gateway_service.routes._answers import Moment, moment


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Identity(BaseModel):
    identity_id: str
    type: str
    scope: str
    value: str
    """Masked for types marked as personal data."""

    @classmethod
    def of(cls, one: pb.NamedIdentity) -> Self:
        return cls(identity_id=one.identity_id, type=one.type, scope=one.scope, value=one.value)


class Deciding(Strict):
    reason: str = Field(min_length=1, max_length=1000)


class Decided(BaseModel):
    decision_id: str


class Link(BaseModel):
    from_: Identity = Field(serialization_alias="from")
    to: Identity
    kind: str
    """named_together, by_hand or logged_in."""
    at: Moment | None
    """Of the earliest record that says so."""
    message_id: str
    refused: str
    """Why it does not count: unique, limit, never_link, too_large, set_aside, owned. Empty when it does."""
    detail: str

    @classmethod
    def of(cls, link: pb.IdentityLink) -> Self:
        return cls(
            from_=Identity.of(getattr(link, "from")),
            to=Identity.of(link.to),
            kind=link.kind,
            at=moment(link, "time"),
            message_id=link.message_id,
            refused=link.refused,
            detail=link.refused_detail,
        )
