"""The keys that seal a workspace's personal data. A key itself is never shown."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from waypost.profile.v1 import data_key_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, given
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("keys:read"))]
Writer = Annotated[Credential, Depends(needs("keys:write"))]


class DataKey(BaseModel):
    key_id: str
    created_at: Moment
    seals_from: Moment
    master_key_id: str
    """The master key that wraps it."""

    @classmethod
    def of(cls, key: pb.DataKey) -> Self:
        return cls(
            key_id=key.key_id,
            created_at=given(key, "create_time"),
            seals_from=given(key, "seal_time"),
            master_key_id=key.master_key_id,
        )


class DataKeyList(BaseModel):
    items: list[DataKey]
    """Newest first; none: the key that follows from the master key is in use."""
    reseal_key_id: str
    """The key that rows are being sealed again with; empty before the first."""
    resealed_share: float
    """0 to 1."""
    resealed_rows: int
    damaged_rows: int
    """Rows that no key opens; they are as they were."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["keys"], responses=PROBLEMS)

    @routes.get("/data-keys")
    async def list_data_keys(credential: Reader) -> DataKeyList:
        answer = await remote.call("profile", "ListDataKeys", pb.ListDataKeysRequest(), credential)
        return DataKeyList(
            items=[DataKey.of(one) for one in answer.data_keys],
            reseal_key_id=answer.reseal_key_id,
            resealed_share=answer.resealed_share,
            resealed_rows=answer.resealed_rows,
            damaged_rows=answer.damaged_rows,
        )

    @routes.post("/data-keys:rotate", status_code=201)
    async def rotate_data_key(request: Request, credential: Writer) -> DataKey:
        """A new key, which seals a minute from now; then what older keys sealed is sealed again, little by little."""
        message = pb.RotateDataKeyRequest(request_id=mutation_id(request, credential))
        answer = await remote.call("profile", "RotateDataKey", message, credential)
        return DataKey.of(answer.data_key)

    return routes
