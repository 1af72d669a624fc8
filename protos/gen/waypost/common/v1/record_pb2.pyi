import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordBatch(_message.Message):
    __slots__ = ("batch_id", "workspace_id", "records")
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    workspace_id: str
    records: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, batch_id: _Optional[str] = ..., workspace_id: _Optional[str] = ..., records: _Optional[_Iterable[bytes]] = ...) -> None: ...

class RecordMeta(_message.Message):
    __slots__ = ("record_id", "event_time", "accept_time", "historical", "traceparent", "org_unit_id")
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    HISTORICAL_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    ORG_UNIT_ID_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    event_time: _timestamp_pb2.Timestamp
    accept_time: _timestamp_pb2.Timestamp
    historical: bool
    traceparent: str
    org_unit_id: str
    def __init__(self, record_id: _Optional[str] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., historical: _Optional[bool] = ..., traceparent: _Optional[str] = ..., org_unit_id: _Optional[str] = ...) -> None: ...

class PersonRef(_message.Message):
    __slots__ = ("identity_id", "profile_id", "profile_no", "identity_version")
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_NO_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_VERSION_FIELD_NUMBER: _ClassVar[int]
    identity_id: str
    profile_id: str
    profile_no: int
    identity_version: int
    def __init__(self, identity_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., profile_no: _Optional[int] = ..., identity_version: _Optional[int] = ...) -> None: ...

class RecordHead(_message.Message):
    __slots__ = ("meta",)
    META_FIELD_NUMBER: _ClassVar[int]
    meta: RecordMeta
    def __init__(self, meta: _Optional[_Union[RecordMeta, _Mapping]] = ...) -> None: ...
