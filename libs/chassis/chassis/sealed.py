"""INGEST's payload: the UUID bytes of the workspace and of the batch in clear, so that a reader knows whose key opens
the rest, then the RecordBatch sealed with that workspace's data key. Both are also associated data of the cipher."""

from uuid import UUID

from google.protobuf.message import DecodeError
from waypost.common.v1 import record_pb2

from chassis.crypto import Ciphers, SealError

_PLACE = b"ingest"


def seal_batch(ciphers: Ciphers, workspace_id: UUID, batch: record_pb2.RecordBatch) -> bytes:
    """The payload to publish."""
    batch_id = UUID(batch.batch_id).bytes
    sealed = ciphers.of(workspace_id).seal(batch.SerializeToString(), _PLACE + batch_id)
    return workspace_id.bytes + batch_id + sealed


def open_batch(ciphers: Ciphers, payload: bytes) -> record_pb2.RecordBatch:
    """What was sealed; SealError when the payload is damaged, forged or its key is gone."""
    if len(payload) < 32:
        raise SealError("the payload is too short to name its workspace and batch")
    workspace_id = UUID(bytes=payload[:16])
    plain = ciphers.of(workspace_id).open(payload[32:], _PLACE + payload[16:32])
    try:
        batch = record_pb2.RecordBatch.FromString(plain)
    except DecodeError as error:
        raise SealError("the opened payload is not a batch") from error
    if batch.workspace_id != str(workspace_id):
        raise SealError("the batch names another workspace than its payload")
    return batch
