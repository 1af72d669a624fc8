from waypost.common.v1 import record_pb2 as _record_pb2
from waypost.profile.v1 import consent_pb2 as _consent_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IngestKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INGEST_KIND_UNSPECIFIED: _ClassVar[IngestKind]
    INGEST_KIND_IDENTIFY: _ClassVar[IngestKind]
    INGEST_KIND_TRACK: _ClassVar[IngestKind]
    INGEST_KIND_PAGE: _ClassVar[IngestKind]
    INGEST_KIND_SCREEN: _ClassVar[IngestKind]
    INGEST_KIND_GROUP: _ClassVar[IngestKind]
    INGEST_KIND_ALIAS: _ClassVar[IngestKind]
INGEST_KIND_UNSPECIFIED: IngestKind
INGEST_KIND_IDENTIFY: IngestKind
INGEST_KIND_TRACK: IngestKind
INGEST_KIND_PAGE: IngestKind
INGEST_KIND_SCREEN: IngestKind
INGEST_KIND_GROUP: IngestKind
INGEST_KIND_ALIAS: IngestKind

class Identifier(_message.Message):
    __slots__ = ("type", "scope", "value")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: str
    scope: str
    value: str
    def __init__(self, type: _Optional[str] = ..., scope: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class GrantedConsent(_message.Message):
    __slots__ = ("scope", "legal_basis", "text_version", "proof_json")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    TEXT_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROOF_JSON_FIELD_NUMBER: _ClassVar[int]
    scope: _consent_pb2.ConsentScope
    legal_basis: str
    text_version: str
    proof_json: bytes
    def __init__(self, scope: _Optional[_Union[_consent_pb2.ConsentScope, _Mapping]] = ..., legal_basis: _Optional[str] = ..., text_version: _Optional[str] = ..., proof_json: _Optional[bytes] = ...) -> None: ...

class IngestRecord(_message.Message):
    __slots__ = ("meta", "kind", "name", "identifiers", "properties_json", "traits_json", "context_json", "source", "unverified", "consents")
    META_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_JSON_FIELD_NUMBER: _ClassVar[int]
    TRAITS_JSON_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_JSON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    UNVERIFIED_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    meta: _record_pb2.RecordMeta
    kind: IngestKind
    name: str
    identifiers: _containers.RepeatedCompositeFieldContainer[Identifier]
    properties_json: bytes
    traits_json: bytes
    context_json: bytes
    source: str
    unverified: _containers.RepeatedCompositeFieldContainer[Identifier]
    consents: _containers.RepeatedCompositeFieldContainer[GrantedConsent]
    def __init__(self, meta: _Optional[_Union[_record_pb2.RecordMeta, _Mapping]] = ..., kind: _Optional[_Union[IngestKind, str]] = ..., name: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[Identifier, _Mapping]]] = ..., properties_json: _Optional[bytes] = ..., traits_json: _Optional[bytes] = ..., context_json: _Optional[bytes] = ..., source: _Optional[str] = ..., unverified: _Optional[_Iterable[_Union[Identifier, _Mapping]]] = ..., consents: _Optional[_Iterable[_Union[GrantedConsent, _Mapping]]] = ...) -> None: ...
