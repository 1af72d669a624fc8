import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.profile.v1 import profile_service_pb2 as _profile_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BatchGetProfilesRequest(_message.Message):
    __slots__ = ("profiles",)
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    profiles: _containers.RepeatedCompositeFieldContainer[ProfileKey]
    def __init__(self, profiles: _Optional[_Iterable[_Union[ProfileKey, _Mapping]]] = ...) -> None: ...

class ProfileKey(_message.Message):
    __slots__ = ("profile_id", "identifier")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: _profile_service_pb2.IdentifierKey
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[_profile_service_pb2.IdentifierKey, _Mapping]] = ...) -> None: ...

class BatchGetProfilesResponse(_message.Message):
    __slots__ = ("profiles", "positions")
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    profiles: _containers.RepeatedCompositeFieldContainer[_profile_service_pb2.Profile]
    positions: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, profiles: _Optional[_Iterable[_Union[_profile_service_pb2.Profile, _Mapping]]] = ..., positions: _Optional[_Iterable[int]] = ...) -> None: ...

class GetProfileAsOfRequest(_message.Message):
    __slots__ = ("profile_id", "as_of_time")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetProfileAsOfResponse(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: _profile_service_pb2.Profile
    def __init__(self, profile: _Optional[_Union[_profile_service_pb2.Profile, _Mapping]] = ...) -> None: ...

class ListProfilesRequest(_message.Message):
    __slots__ = ("create_from_time", "create_to_time", "update_from_time", "update_to_time", "identifier_type", "org_unit_id", "page_size", "page_token")
    CREATE_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TO_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TO_TIME_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_TYPE_FIELD_NUMBER: _ClassVar[int]
    ORG_UNIT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    create_from_time: _timestamp_pb2.Timestamp
    create_to_time: _timestamp_pb2.Timestamp
    update_from_time: _timestamp_pb2.Timestamp
    update_to_time: _timestamp_pb2.Timestamp
    identifier_type: str
    org_unit_id: str
    page_size: int
    page_token: str
    def __init__(self, create_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., identifier_type: _Optional[str] = ..., org_unit_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListProfilesResponse(_message.Message):
    __slots__ = ("profiles", "next_page_token")
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profiles: _containers.RepeatedCompositeFieldContainer[_profile_service_pb2.Profile]
    next_page_token: str
    def __init__(self, profiles: _Optional[_Iterable[_Union[_profile_service_pb2.Profile, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SearchProfilesRequest(_message.Message):
    __slots__ = ("name", "phone_last4", "email_local", "email_domain", "phone", "email", "page_size", "page_token")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PHONE_LAST4_FIELD_NUMBER: _ClassVar[int]
    EMAIL_LOCAL_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    name: str
    phone_last4: str
    email_local: str
    email_domain: str
    phone: str
    email: str
    page_size: int
    page_token: str
    def __init__(self, name: _Optional[str] = ..., phone_last4: _Optional[str] = ..., email_local: _Optional[str] = ..., email_domain: _Optional[str] = ..., phone: _Optional[str] = ..., email: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class SearchProfilesResponse(_message.Message):
    __slots__ = ("profiles", "next_page_token")
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profiles: _containers.RepeatedCompositeFieldContainer[_profile_service_pb2.Profile]
    next_page_token: str
    def __init__(self, profiles: _Optional[_Iterable[_Union[_profile_service_pb2.Profile, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListTimelineRequest(_message.Message):
    __slots__ = ("profile_id", "kinds", "from_time", "to_time", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    TO_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    from_time: _timestamp_pb2.Timestamp
    to_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTimelineResponse(_message.Message):
    __slots__ = ("items", "next_page_token", "profile_ids", "identity_ids")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[TimelineItem]
    next_page_token: str
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    identity_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, items: _Optional[_Iterable[_Union[TimelineItem, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., profile_ids: _Optional[_Iterable[str]] = ..., identity_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class TimelineItem(_message.Message):
    __slots__ = ("kind", "item_id", "event_time", "name", "details_json", "page_token")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DETAILS_JSON_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    kind: str
    item_id: str
    event_time: _timestamp_pb2.Timestamp
    name: str
    details_json: bytes
    page_token: str
    def __init__(self, kind: _Optional[str] = ..., item_id: _Optional[str] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., name: _Optional[str] = ..., details_json: _Optional[bytes] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListChangesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListChangesResponse(_message.Message):
    __slots__ = ("changes", "next_page_token", "caught_up")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[ProfileChange]
    next_page_token: str
    caught_up: bool
    def __init__(self, changes: _Optional[_Iterable[_Union[ProfileChange, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., caught_up: _Optional[bool] = ...) -> None: ...

class ProfileChange(_message.Message):
    __slots__ = ("profile_id", "identity_id", "version", "changed", "change_time", "cause")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identity_id: str
    version: int
    changed: _containers.RepeatedScalarFieldContainer[str]
    change_time: _timestamp_pb2.Timestamp
    cause: str
    def __init__(self, profile_id: _Optional[str] = ..., identity_id: _Optional[str] = ..., version: _Optional[int] = ..., changed: _Optional[_Iterable[str]] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[str] = ...) -> None: ...
