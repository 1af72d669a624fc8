from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SchemaMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCHEMA_MODE_UNSPECIFIED: _ClassVar[SchemaMode]
    SCHEMA_MODE_ALLOW: _ClassVar[SchemaMode]
    SCHEMA_MODE_WARN: _ClassVar[SchemaMode]
    SCHEMA_MODE_BLOCK: _ClassVar[SchemaMode]
SCHEMA_MODE_UNSPECIFIED: SchemaMode
SCHEMA_MODE_ALLOW: SchemaMode
SCHEMA_MODE_WARN: SchemaMode
SCHEMA_MODE_BLOCK: SchemaMode

class EventSchema(_message.Message):
    __slots__ = ("event", "schema_json", "mode", "unknown")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    event: str
    schema_json: bytes
    mode: SchemaMode
    unknown: SchemaMode
    def __init__(self, event: _Optional[str] = ..., schema_json: _Optional[bytes] = ..., mode: _Optional[_Union[SchemaMode, str]] = ..., unknown: _Optional[_Union[SchemaMode, str]] = ...) -> None: ...

class ListEventSchemasRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEventSchemasResponse(_message.Message):
    __slots__ = ("schemas", "next_page_token")
    SCHEMAS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    schemas: _containers.RepeatedCompositeFieldContainer[EventSchema]
    next_page_token: str
    def __init__(self, schemas: _Optional[_Iterable[_Union[EventSchema, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SetEventSchemaRequest(_message.Message):
    __slots__ = ("schema", "request_id")
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    schema: EventSchema
    request_id: str
    def __init__(self, schema: _Optional[_Union[EventSchema, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetEventSchemaResponse(_message.Message):
    __slots__ = ("schema",)
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    schema: EventSchema
    def __init__(self, schema: _Optional[_Union[EventSchema, _Mapping]] = ...) -> None: ...

class DeleteEventSchemaRequest(_message.Message):
    __slots__ = ("event", "request_id")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    event: str
    request_id: str
    def __init__(self, event: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteEventSchemaResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class IngestionPolicy(_message.Message):
    __slots__ = ("undeclared", "personal_keys", "allowed_keys")
    UNDECLARED_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_KEYS_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_KEYS_FIELD_NUMBER: _ClassVar[int]
    undeclared: SchemaMode
    personal_keys: _containers.RepeatedScalarFieldContainer[str]
    allowed_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, undeclared: _Optional[_Union[SchemaMode, str]] = ..., personal_keys: _Optional[_Iterable[str]] = ..., allowed_keys: _Optional[_Iterable[str]] = ...) -> None: ...

class GetIngestionPolicyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetIngestionPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: IngestionPolicy
    def __init__(self, policy: _Optional[_Union[IngestionPolicy, _Mapping]] = ...) -> None: ...

class SetIngestionPolicyRequest(_message.Message):
    __slots__ = ("policy", "request_id")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    policy: IngestionPolicy
    request_id: str
    def __init__(self, policy: _Optional[_Union[IngestionPolicy, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetIngestionPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: IngestionPolicy
    def __init__(self, policy: _Optional[_Union[IngestionPolicy, _Mapping]] = ...) -> None: ...

class Retention(_message.Message):
    __slots__ = ("default_days", "events")
    DEFAULT_DAYS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    default_days: int
    events: _containers.RepeatedCompositeFieldContainer[EventRetention]
    def __init__(self, default_days: _Optional[int] = ..., events: _Optional[_Iterable[_Union[EventRetention, _Mapping]]] = ...) -> None: ...

class EventRetention(_message.Message):
    __slots__ = ("event", "days")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    event: str
    days: int
    def __init__(self, event: _Optional[str] = ..., days: _Optional[int] = ...) -> None: ...

class GetRetentionRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRetentionResponse(_message.Message):
    __slots__ = ("retention",)
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    retention: Retention
    def __init__(self, retention: _Optional[_Union[Retention, _Mapping]] = ...) -> None: ...

class SetRetentionRequest(_message.Message):
    __slots__ = ("retention", "request_id")
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    retention: Retention
    request_id: str
    def __init__(self, retention: _Optional[_Union[Retention, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetRetentionResponse(_message.Message):
    __slots__ = ("retention",)
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    retention: Retention
    def __init__(self, retention: _Optional[_Union[Retention, _Mapping]] = ...) -> None: ...
