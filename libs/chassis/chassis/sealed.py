"""INGEST's payload: the workspace in clear (it chooses the key), then the sealed batch."""

from uuid import UUID

from waypost.common.v1 import record_pb2

from chassis.crypto import Ciphers

_PLACE = b"ingest"


def seal_batch(ciphers: Ciphers, batch: record_pb2.RecordBatch) -> bytes:
    workspace_id = UUID(batch.workspace_id)
    return workspace_id.bytes + ciphers.of(workspace_id).seal(batch.SerializeToString(), _PLACE)


def open_batch(ciphers: Ciphers, payload: bytes) -> record_pb2.RecordBatch:
    """Raises SealError or DecodeError."""
    workspace_id = UUID(bytes=payload[:16])
    return record_pb2.RecordBatch.FromString(ciphers.of(workspace_id).open(payload[16:], _PLACE))
