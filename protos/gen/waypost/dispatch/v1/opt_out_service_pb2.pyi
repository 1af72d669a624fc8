import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OptOutWords(_message.Message):
    __slots__ = ("words", "update_time")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    words: _containers.RepeatedScalarFieldContainer[str]
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, words: _Optional[_Iterable[str]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetOptOutWordsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetOptOutWordsResponse(_message.Message):
    __slots__ = ("words",)
    WORDS_FIELD_NUMBER: _ClassVar[int]
    words: OptOutWords
    def __init__(self, words: _Optional[_Union[OptOutWords, _Mapping]] = ...) -> None: ...

class SetOptOutWordsRequest(_message.Message):
    __slots__ = ("words", "request_id")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    words: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    def __init__(self, words: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetOptOutWordsResponse(_message.Message):
    __slots__ = ("words",)
    WORDS_FIELD_NUMBER: _ClassVar[int]
    words: OptOutWords
    def __init__(self, words: _Optional[_Union[OptOutWords, _Mapping]] = ...) -> None: ...
