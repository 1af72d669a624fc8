from waypost.profile.v1 import profile_service_pb2 as _profile_service_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CorrectTraitsRequest(_message.Message):
    __slots__ = ("profile_id", "traits_json", "etag", "request_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    TRAITS_JSON_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    traits_json: bytes
    etag: str
    request_id: str
    def __init__(self, profile_id: _Optional[str] = ..., traits_json: _Optional[bytes] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CorrectTraitsResponse(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: _profile_service_pb2.Profile
    def __init__(self, profile: _Optional[_Union[_profile_service_pb2.Profile, _Mapping]] = ...) -> None: ...
