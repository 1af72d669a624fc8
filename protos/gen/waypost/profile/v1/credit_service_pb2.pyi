from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreditWanted(_message.Message):
    __slots__ = ("message_id", "profile_id", "app_id", "template_id")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    profile_id: str
    app_id: str
    template_id: str
    def __init__(self, message_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., app_id: _Optional[str] = ..., template_id: _Optional[str] = ...) -> None: ...

class UseCreditsRequest(_message.Message):
    __slots__ = ("wanted",)
    WANTED_FIELD_NUMBER: _ClassVar[int]
    wanted: _containers.RepeatedCompositeFieldContainer[CreditWanted]
    def __init__(self, wanted: _Optional[_Iterable[_Union[CreditWanted, _Mapping]]] = ...) -> None: ...

class UseCreditsResponse(_message.Message):
    __slots__ = ("uses",)
    USES_FIELD_NUMBER: _ClassVar[int]
    uses: _containers.RepeatedCompositeFieldContainer[CreditUse]
    def __init__(self, uses: _Optional[_Iterable[_Union[CreditUse, _Mapping]]] = ...) -> None: ...

class CreditUse(_message.Message):
    __slots__ = ("message_id", "grant_id", "identity_id")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    grant_id: str
    identity_id: str
    def __init__(self, message_id: _Optional[str] = ..., grant_id: _Optional[str] = ..., identity_id: _Optional[str] = ...) -> None: ...
