import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.common.v1 import record_pb2 as _record_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PersonErased(_message.Message):
    __slots__ = ("erasure_id", "identity_ids")
    ERASURE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    erasure_id: str
    identity_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, erasure_id: _Optional[str] = ..., identity_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class PersonRecordHead(_message.Message):
    __slots__ = ("person", "erased")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    person: _record_pb2.PersonRef
    erased: PersonErased
    def __init__(self, person: _Optional[_Union[_record_pb2.PersonRef, _Mapping]] = ..., erased: _Optional[_Union[PersonErased, _Mapping]] = ...) -> None: ...

class ListPersonalDataRequest(_message.Message):
    __slots__ = ("identity_ids", "page_size", "page_token")
    IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    identity_ids: _containers.RepeatedScalarFieldContainer[str]
    page_size: int
    page_token: str
    def __init__(self, identity_ids: _Optional[_Iterable[str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPersonalDataResponse(_message.Message):
    __slots__ = ("rows", "next_page_token")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[PersonalDataRow]
    next_page_token: str
    def __init__(self, rows: _Optional[_Iterable[_Union[PersonalDataRow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PersonalDataRow(_message.Message):
    __slots__ = ("section", "row_json")
    SECTION_FIELD_NUMBER: _ClassVar[int]
    ROW_JSON_FIELD_NUMBER: _ClassVar[int]
    section: str
    row_json: bytes
    def __init__(self, section: _Optional[str] = ..., row_json: _Optional[bytes] = ...) -> None: ...

class FinishErasureRequest(_message.Message):
    __slots__ = ("erasure_id", "identity_count", "request_id")
    ERASURE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_COUNT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    erasure_id: str
    identity_count: int
    request_id: str
    def __init__(self, erasure_id: _Optional[str] = ..., identity_count: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class FinishErasureResponse(_message.Message):
    __slots__ = ("finish_time", "erased")
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    finish_time: _timestamp_pb2.Timestamp
    erased: _containers.RepeatedCompositeFieldContainer[ErasedRows]
    def __init__(self, finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., erased: _Optional[_Iterable[_Union[ErasedRows, _Mapping]]] = ...) -> None: ...

class ErasedRows(_message.Message):
    __slots__ = ("section", "rows")
    SECTION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    section: str
    rows: int
    def __init__(self, section: _Optional[str] = ..., rows: _Optional[int] = ...) -> None: ...
