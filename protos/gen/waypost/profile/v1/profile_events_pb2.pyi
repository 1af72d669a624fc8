import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.common.v1 import record_pb2 as _record_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProfileRecord(_message.Message):
    __slots__ = ("meta", "person", "event", "traits", "merged", "order", "split", "event_moved")
    META_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    TRAITS_FIELD_NUMBER: _ClassVar[int]
    MERGED_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    EVENT_MOVED_FIELD_NUMBER: _ClassVar[int]
    meta: _record_pb2.RecordMeta
    person: _record_pb2.PersonRef
    event: EventRecorded
    traits: TraitsChanged
    merged: ProfilesMerged
    order: OrderChanged
    split: ProfileSplit
    event_moved: EventMoved
    def __init__(self, meta: _Optional[_Union[_record_pb2.RecordMeta, _Mapping]] = ..., person: _Optional[_Union[_record_pb2.PersonRef, _Mapping]] = ..., event: _Optional[_Union[EventRecorded, _Mapping]] = ..., traits: _Optional[_Union[TraitsChanged, _Mapping]] = ..., merged: _Optional[_Union[ProfilesMerged, _Mapping]] = ..., order: _Optional[_Union[OrderChanged, _Mapping]] = ..., split: _Optional[_Union[ProfileSplit, _Mapping]] = ..., event_moved: _Optional[_Union[EventMoved, _Mapping]] = ...) -> None: ...

class EventRecorded(_message.Message):
    __slots__ = ("name", "properties_json")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    properties_json: bytes
    def __init__(self, name: _Optional[str] = ..., properties_json: _Optional[bytes] = ...) -> None: ...

class TraitsChanged(_message.Message):
    __slots__ = ("traits_json",)
    TRAITS_JSON_FIELD_NUMBER: _ClassVar[int]
    traits_json: bytes
    def __init__(self, traits_json: _Optional[bytes] = ...) -> None: ...

class Membership(_message.Message):
    __slots__ = ("identity_id", "profile_id", "profile_no", "version")
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_NO_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    identity_id: str
    profile_id: str
    profile_no: int
    version: int
    def __init__(self, identity_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., profile_no: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class ProfilesMerged(_message.Message):
    __slots__ = ("merge_id", "merged_profile_ids", "memberships")
    MERGE_ID_FIELD_NUMBER: _ClassVar[int]
    MERGED_PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIPS_FIELD_NUMBER: _ClassVar[int]
    merge_id: str
    merged_profile_ids: _containers.RepeatedScalarFieldContainer[str]
    memberships: _containers.RepeatedCompositeFieldContainer[Membership]
    def __init__(self, merge_id: _Optional[str] = ..., merged_profile_ids: _Optional[_Iterable[str]] = ..., memberships: _Optional[_Iterable[_Union[Membership, _Mapping]]] = ...) -> None: ...

class ProfileSplit(_message.Message):
    __slots__ = ("split_id", "from_profile_id", "memberships")
    SPLIT_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIPS_FIELD_NUMBER: _ClassVar[int]
    split_id: str
    from_profile_id: str
    memberships: _containers.RepeatedCompositeFieldContainer[Membership]
    def __init__(self, split_id: _Optional[str] = ..., from_profile_id: _Optional[str] = ..., memberships: _Optional[_Iterable[_Union[Membership, _Mapping]]] = ...) -> None: ...

class EventMoved(_message.Message):
    __slots__ = ("name", "from_identity_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FROM_IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    from_identity_id: str
    def __init__(self, name: _Optional[str] = ..., from_identity_id: _Optional[str] = ...) -> None: ...

class OrderChanged(_message.Message):
    __slots__ = ("order_id", "state", "net_minor", "currency", "version", "entries")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    NET_MINOR_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    state: str
    net_minor: int
    currency: str
    version: int
    entries: _containers.RepeatedCompositeFieldContainer[OrderEntry]
    def __init__(self, order_id: _Optional[str] = ..., state: _Optional[str] = ..., net_minor: _Optional[int] = ..., currency: _Optional[str] = ..., version: _Optional[int] = ..., entries: _Optional[_Iterable[_Union[OrderEntry, _Mapping]]] = ...) -> None: ...

class OrderEntry(_message.Message):
    __slots__ = ("event_id", "order_time", "amount_minor", "counts")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_TIME_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    order_time: _timestamp_pb2.Timestamp
    amount_minor: int
    counts: bool
    def __init__(self, event_id: _Optional[str] = ..., order_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., amount_minor: _Optional[int] = ..., counts: _Optional[bool] = ...) -> None: ...
