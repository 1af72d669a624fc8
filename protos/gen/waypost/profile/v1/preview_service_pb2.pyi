from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CallOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALL_OUTCOME_UNSPECIFIED: _ClassVar[CallOutcome]
    CALL_OUTCOME_CREATED: _ClassVar[CallOutcome]
    CALL_OUTCOME_UPDATED: _ClassVar[CallOutcome]
    CALL_OUTCOME_JOINED: _ClassVar[CallOutcome]
    CALL_OUTCOME_KEPT_APART: _ClassVar[CallOutcome]
    CALL_OUTCOME_REFUSED: _ClassVar[CallOutcome]
CALL_OUTCOME_UNSPECIFIED: CallOutcome
CALL_OUTCOME_CREATED: CallOutcome
CALL_OUTCOME_UPDATED: CallOutcome
CALL_OUTCOME_JOINED: CallOutcome
CALL_OUTCOME_KEPT_APART: CallOutcome
CALL_OUTCOME_REFUSED: CallOutcome

class PreviewCallsRequest(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, records: _Optional[_Iterable[bytes]] = ...) -> None: ...

class PreviewCallsResponse(_message.Message):
    __slots__ = ("previews",)
    PREVIEWS_FIELD_NUMBER: _ClassVar[int]
    previews: _containers.RepeatedCompositeFieldContainer[CallPreview]
    def __init__(self, previews: _Optional[_Iterable[_Union[CallPreview, _Mapping]]] = ...) -> None: ...

class CallPreview(_message.Message):
    __slots__ = ("outcome", "people", "reason")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    outcome: CallOutcome
    people: int
    reason: str
    def __init__(self, outcome: _Optional[_Union[CallOutcome, str]] = ..., people: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class CheckIdentifiersRequest(_message.Message):
    __slots__ = ("identifiers",)
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    identifiers: _containers.RepeatedCompositeFieldContainer[CheckedIdentifier]
    def __init__(self, identifiers: _Optional[_Iterable[_Union[CheckedIdentifier, _Mapping]]] = ...) -> None: ...

class CheckedIdentifier(_message.Message):
    __slots__ = ("type", "scope", "value")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: str
    scope: str
    value: str
    def __init__(self, type: _Optional[str] = ..., scope: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class CheckIdentifiersResponse(_message.Message):
    __slots__ = ("refused",)
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    refused: _containers.RepeatedCompositeFieldContainer[RefusedIdentifier]
    def __init__(self, refused: _Optional[_Iterable[_Union[RefusedIdentifier, _Mapping]]] = ...) -> None: ...

class RefusedIdentifier(_message.Message):
    __slots__ = ("index", "reason", "detail")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    index: int
    reason: str
    detail: str
    def __init__(self, index: _Optional[int] = ..., reason: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class GetIngestBacklogRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetIngestBacklogResponse(_message.Message):
    __slots__ = ("waiting", "handled_sequence", "last_sequence")
    WAITING_FIELD_NUMBER: _ClassVar[int]
    HANDLED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    waiting: int
    handled_sequence: int
    last_sequence: int
    def __init__(self, waiting: _Optional[int] = ..., handled_sequence: _Optional[int] = ..., last_sequence: _Optional[int] = ...) -> None: ...
