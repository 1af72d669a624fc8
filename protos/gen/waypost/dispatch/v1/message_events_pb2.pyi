from waypost.common.v1 import record_pb2 as _record_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MessageState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MESSAGE_STATE_UNSPECIFIED: _ClassVar[MessageState]
    MESSAGE_STATE_QUEUED: _ClassVar[MessageState]
    MESSAGE_STATE_ACCEPTED: _ClassVar[MessageState]
    MESSAGE_STATE_UNKNOWN: _ClassVar[MessageState]
    MESSAGE_STATE_REFUSED: _ClassVar[MessageState]
    MESSAGE_STATE_DELIVERED: _ClassVar[MessageState]
    MESSAGE_STATE_FAILED: _ClassVar[MessageState]
    MESSAGE_STATE_BOUNCED: _ClassVar[MessageState]
    MESSAGE_STATE_COMPLAINED: _ClassVar[MessageState]
MESSAGE_STATE_UNSPECIFIED: MessageState
MESSAGE_STATE_QUEUED: MessageState
MESSAGE_STATE_ACCEPTED: MessageState
MESSAGE_STATE_UNKNOWN: MessageState
MESSAGE_STATE_REFUSED: MessageState
MESSAGE_STATE_DELIVERED: MessageState
MESSAGE_STATE_FAILED: MessageState
MESSAGE_STATE_BOUNCED: MessageState
MESSAGE_STATE_COMPLAINED: MessageState

class MessageRecord(_message.Message):
    __slots__ = ("meta", "person", "message_id", "intention_key", "channel", "journey_id", "node_id", "run_id", "run_sequence", "state", "reason", "opted_out")
    META_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    INTENTION_KEY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OPTED_OUT_FIELD_NUMBER: _ClassVar[int]
    meta: _record_pb2.RecordMeta
    person: _record_pb2.PersonRef
    message_id: str
    intention_key: str
    channel: str
    journey_id: str
    node_id: str
    run_id: str
    run_sequence: int
    state: MessageState
    reason: str
    opted_out: OptedOut
    def __init__(self, meta: _Optional[_Union[_record_pb2.RecordMeta, _Mapping]] = ..., person: _Optional[_Union[_record_pb2.PersonRef, _Mapping]] = ..., message_id: _Optional[str] = ..., intention_key: _Optional[str] = ..., channel: _Optional[str] = ..., journey_id: _Optional[str] = ..., node_id: _Optional[str] = ..., run_id: _Optional[str] = ..., run_sequence: _Optional[int] = ..., state: _Optional[_Union[MessageState, str]] = ..., reason: _Optional[str] = ..., opted_out: _Optional[_Union[OptedOut, _Mapping]] = ...) -> None: ...

class OptedOut(_message.Message):
    __slots__ = ("contact_key", "purpose", "reason")
    CONTACT_KEY_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    contact_key: str
    purpose: str
    reason: str
    def __init__(self, contact_key: _Optional[str] = ..., purpose: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
