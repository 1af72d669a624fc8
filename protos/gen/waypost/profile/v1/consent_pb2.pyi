import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConsentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_STATE_UNSPECIFIED: _ClassVar[ConsentState]
    CONSENT_STATE_GRANTED: _ClassVar[ConsentState]
    CONSENT_STATE_WITHDRAWN: _ClassVar[ConsentState]
    CONSENT_STATE_UNKNOWN: _ClassVar[ConsentState]
CONSENT_STATE_UNSPECIFIED: ConsentState
CONSENT_STATE_GRANTED: ConsentState
CONSENT_STATE_WITHDRAWN: ConsentState
CONSENT_STATE_UNKNOWN: ConsentState

class ConsentScope(_message.Message):
    __slots__ = ("channel", "purpose", "topic", "org_unit_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    ORG_UNIT_ID_FIELD_NUMBER: _ClassVar[int]
    channel: str
    purpose: str
    topic: str
    org_unit_id: str
    def __init__(self, channel: _Optional[str] = ..., purpose: _Optional[str] = ..., topic: _Optional[str] = ..., org_unit_id: _Optional[str] = ...) -> None: ...

class ConsentEntry(_message.Message):
    __slots__ = ("consent_id", "state", "scope", "contact_key", "legal_basis", "text_version", "source", "proof_json", "recorded_by", "given_time", "record_time")
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_KEY_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    TEXT_VERSION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PROOF_JSON_FIELD_NUMBER: _ClassVar[int]
    RECORDED_BY_FIELD_NUMBER: _ClassVar[int]
    GIVEN_TIME_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    consent_id: str
    state: ConsentState
    scope: ConsentScope
    contact_key: str
    legal_basis: str
    text_version: str
    source: str
    proof_json: bytes
    recorded_by: str
    given_time: _timestamp_pb2.Timestamp
    record_time: _timestamp_pb2.Timestamp
    def __init__(self, consent_id: _Optional[str] = ..., state: _Optional[_Union[ConsentState, str]] = ..., scope: _Optional[_Union[ConsentScope, _Mapping]] = ..., contact_key: _Optional[str] = ..., legal_basis: _Optional[str] = ..., text_version: _Optional[str] = ..., source: _Optional[str] = ..., proof_json: _Optional[bytes] = ..., recorded_by: _Optional[str] = ..., given_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ConsentInForce(_message.Message):
    __slots__ = ("scope", "state", "contact_key", "refusal", "consent_id", "given_time")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_KEY_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    GIVEN_TIME_FIELD_NUMBER: _ClassVar[int]
    scope: ConsentScope
    state: ConsentState
    contact_key: str
    refusal: str
    consent_id: str
    given_time: _timestamp_pb2.Timestamp
    def __init__(self, scope: _Optional[_Union[ConsentScope, _Mapping]] = ..., state: _Optional[_Union[ConsentState, str]] = ..., contact_key: _Optional[str] = ..., refusal: _Optional[str] = ..., consent_id: _Optional[str] = ..., given_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SubjectState(_message.Message):
    __slots__ = ("channel", "subject", "purpose", "withdrawn", "refusal", "version")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWN_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    channel: str
    subject: str
    purpose: str
    withdrawn: bool
    refusal: str
    version: int
    def __init__(self, channel: _Optional[str] = ..., subject: _Optional[str] = ..., purpose: _Optional[str] = ..., withdrawn: _Optional[bool] = ..., refusal: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...
