import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RotateDataKeyRequest(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class RotateDataKeyResponse(_message.Message):
    __slots__ = ("data_key",)
    DATA_KEY_FIELD_NUMBER: _ClassVar[int]
    data_key: DataKey
    def __init__(self, data_key: _Optional[_Union[DataKey, _Mapping]] = ...) -> None: ...

class DataKey(_message.Message):
    __slots__ = ("key_id", "create_time", "seal_time", "master_key_id")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SEAL_TIME_FIELD_NUMBER: _ClassVar[int]
    MASTER_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    create_time: _timestamp_pb2.Timestamp
    seal_time: _timestamp_pb2.Timestamp
    master_key_id: str
    def __init__(self, key_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., seal_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., master_key_id: _Optional[str] = ...) -> None: ...

class ListDataKeysRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListDataKeysResponse(_message.Message):
    __slots__ = ("data_keys", "reseal_key_id", "resealed_share", "resealed_rows", "damaged_rows")
    DATA_KEYS_FIELD_NUMBER: _ClassVar[int]
    RESEAL_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    RESEALED_SHARE_FIELD_NUMBER: _ClassVar[int]
    RESEALED_ROWS_FIELD_NUMBER: _ClassVar[int]
    DAMAGED_ROWS_FIELD_NUMBER: _ClassVar[int]
    data_keys: _containers.RepeatedCompositeFieldContainer[DataKey]
    reseal_key_id: str
    resealed_share: float
    resealed_rows: int
    damaged_rows: int
    def __init__(self, data_keys: _Optional[_Iterable[_Union[DataKey, _Mapping]]] = ..., reseal_key_id: _Optional[str] = ..., resealed_share: _Optional[float] = ..., resealed_rows: _Optional[int] = ..., damaged_rows: _Optional[int] = ...) -> None: ...

class FetchDataKeysRequest(_message.Message):
    __slots__ = ("since_time",)
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    since_time: _timestamp_pb2.Timestamp
    def __init__(self, since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FetchDataKeysResponse(_message.Message):
    __slots__ = ("data_keys",)
    DATA_KEYS_FIELD_NUMBER: _ClassVar[int]
    data_keys: _containers.RepeatedCompositeFieldContainer[WrappedDataKey]
    def __init__(self, data_keys: _Optional[_Iterable[_Union[WrappedDataKey, _Mapping]]] = ...) -> None: ...

class WrappedDataKey(_message.Message):
    __slots__ = ("workspace_id", "key_id", "wrapped", "create_time")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    WRAPPED_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    key_id: str
    wrapped: bytes
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, workspace_id: _Optional[str] = ..., key_id: _Optional[str] = ..., wrapped: _Optional[bytes] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
