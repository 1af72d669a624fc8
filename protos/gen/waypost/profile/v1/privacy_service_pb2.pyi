import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.common.v1 import personal_data_pb2 as _personal_data_pb2
from waypost.profile.v1 import consent_pb2 as _consent_pb2
from waypost.profile.v1 import ingest_pb2 as _ingest_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListIdentitiesRequest(_message.Message):
    __slots__ = ("profile_id",)
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    def __init__(self, profile_id: _Optional[str] = ...) -> None: ...

class ListIdentitiesResponse(_message.Message):
    __slots__ = ("profile_id", "identity_ids")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identity_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, profile_id: _Optional[str] = ..., identity_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ErasePersonRequest(_message.Message):
    __slots__ = ("profile_id", "erasure_id", "request_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    ERASURE_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    erasure_id: str
    request_id: str
    def __init__(self, profile_id: _Optional[str] = ..., erasure_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ErasePersonResponse(_message.Message):
    __slots__ = ("erase_time", "identity_count", "held_back_count", "erased")
    ERASE_TIME_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELD_BACK_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    erase_time: _timestamp_pb2.Timestamp
    identity_count: int
    held_back_count: int
    erased: _containers.RepeatedCompositeFieldContainer[_personal_data_pb2.ErasedRows]
    def __init__(self, erase_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., identity_count: _Optional[int] = ..., held_back_count: _Optional[int] = ..., erased: _Optional[_Iterable[_Union[_personal_data_pb2.ErasedRows, _Mapping]]] = ...) -> None: ...

class ReadmitIdentifiersRequest(_message.Message):
    __slots__ = ("identifiers", "scope", "legal_basis", "text_version", "source", "proof_json", "request_id")
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    TEXT_VERSION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PROOF_JSON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    identifiers: _containers.RepeatedCompositeFieldContainer[_ingest_pb2.Identifier]
    scope: _consent_pb2.ConsentScope
    legal_basis: str
    text_version: str
    source: str
    proof_json: bytes
    request_id: str
    def __init__(self, identifiers: _Optional[_Iterable[_Union[_ingest_pb2.Identifier, _Mapping]]] = ..., scope: _Optional[_Union[_consent_pb2.ConsentScope, _Mapping]] = ..., legal_basis: _Optional[str] = ..., text_version: _Optional[str] = ..., source: _Optional[str] = ..., proof_json: _Optional[bytes] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReadmitIdentifiersResponse(_message.Message):
    __slots__ = ("profile_id", "consent_id", "readmitted_count")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    READMITTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    consent_id: str
    readmitted_count: int
    def __init__(self, profile_id: _Optional[str] = ..., consent_id: _Optional[str] = ..., readmitted_count: _Optional[int] = ...) -> None: ...
