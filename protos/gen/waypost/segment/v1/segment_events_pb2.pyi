from waypost.common.v1 import record_pb2 as _record_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SegmentRecord(_message.Message):
    __slots__ = ("meta", "person", "entered", "left")
    META_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ENTERED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    meta: _record_pb2.RecordMeta
    person: _record_pb2.PersonRef
    entered: SegmentEntered
    left: SegmentLeft
    def __init__(self, meta: _Optional[_Union[_record_pb2.RecordMeta, _Mapping]] = ..., person: _Optional[_Union[_record_pb2.PersonRef, _Mapping]] = ..., entered: _Optional[_Union[SegmentEntered, _Mapping]] = ..., left: _Optional[_Union[SegmentLeft, _Mapping]] = ...) -> None: ...

class SegmentEntered(_message.Message):
    __slots__ = ("segment_id", "segment_version")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    segment_version: int
    def __init__(self, segment_id: _Optional[str] = ..., segment_version: _Optional[int] = ...) -> None: ...

class SegmentLeft(_message.Message):
    __slots__ = ("segment_id", "segment_version", "reason")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    segment_version: int
    reason: str
    def __init__(self, segment_id: _Optional[str] = ..., segment_version: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...
