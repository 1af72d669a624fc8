from waypost.common.v1 import record_pb2 as _record_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JourneyRecord(_message.Message):
    __slots__ = ("meta", "person", "journey_id", "journey_version", "run_id", "entered", "exited", "resumed")
    META_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_VERSION_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    ENTERED_FIELD_NUMBER: _ClassVar[int]
    EXITED_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    meta: _record_pb2.RecordMeta
    person: _record_pb2.PersonRef
    journey_id: str
    journey_version: int
    run_id: str
    entered: RunEntered
    exited: RunExited
    resumed: RunResumed
    def __init__(self, meta: _Optional[_Union[_record_pb2.RecordMeta, _Mapping]] = ..., person: _Optional[_Union[_record_pb2.PersonRef, _Mapping]] = ..., journey_id: _Optional[str] = ..., journey_version: _Optional[int] = ..., run_id: _Optional[str] = ..., entered: _Optional[_Union[RunEntered, _Mapping]] = ..., exited: _Optional[_Union[RunExited, _Mapping]] = ..., resumed: _Optional[_Union[RunResumed, _Mapping]] = ...) -> None: ...

class RunEntered(_message.Message):
    __slots__ = ("trigger_id",)
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    trigger_id: str
    def __init__(self, trigger_id: _Optional[str] = ...) -> None: ...

class RunExited(_message.Message):
    __slots__ = ("node_id", "reason")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    reason: str
    def __init__(self, node_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RunResumed(_message.Message):
    __slots__ = ("node_id",)
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    def __init__(self, node_id: _Optional[str] = ...) -> None: ...
