import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.common.v1 import record_pb2 as _record_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IntentionRecord(_message.Message):
    __slots__ = ("meta", "person", "channel", "content_id", "purpose", "variables_json", "not_after_time", "journey_id", "journey_version", "node_id", "run_id", "run_sequence", "trigger_id", "topic", "org_unit_id")
    META_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CONTENT_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_JSON_FIELD_NUMBER: _ClassVar[int]
    NOT_AFTER_TIME_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_VERSION_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    ORG_UNIT_ID_FIELD_NUMBER: _ClassVar[int]
    meta: _record_pb2.RecordMeta
    person: _record_pb2.PersonRef
    channel: str
    content_id: str
    purpose: str
    variables_json: bytes
    not_after_time: _timestamp_pb2.Timestamp
    journey_id: str
    journey_version: int
    node_id: str
    run_id: str
    run_sequence: int
    trigger_id: str
    topic: str
    org_unit_id: str
    def __init__(self, meta: _Optional[_Union[_record_pb2.RecordMeta, _Mapping]] = ..., person: _Optional[_Union[_record_pb2.PersonRef, _Mapping]] = ..., channel: _Optional[str] = ..., content_id: _Optional[str] = ..., purpose: _Optional[str] = ..., variables_json: _Optional[bytes] = ..., not_after_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., journey_id: _Optional[str] = ..., journey_version: _Optional[int] = ..., node_id: _Optional[str] = ..., run_id: _Optional[str] = ..., run_sequence: _Optional[int] = ..., trigger_id: _Optional[str] = ..., topic: _Optional[str] = ..., org_unit_id: _Optional[str] = ...) -> None: ...
