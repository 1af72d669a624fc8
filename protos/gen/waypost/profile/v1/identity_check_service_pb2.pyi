from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class CheckIdentitiesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CheckIdentitiesResponse(_message.Message):
    __slots__ = ("identifiers", "links", "people", "refused", "misplaced", "misjudged", "unsuspected", "settled")
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    MISPLACED_FIELD_NUMBER: _ClassVar[int]
    MISJUDGED_FIELD_NUMBER: _ClassVar[int]
    UNSUSPECTED_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    identifiers: int
    links: int
    people: int
    refused: int
    misplaced: int
    misjudged: int
    unsuspected: int
    settled: bool
    def __init__(self, identifiers: _Optional[int] = ..., links: _Optional[int] = ..., people: _Optional[int] = ..., refused: _Optional[int] = ..., misplaced: _Optional[int] = ..., misjudged: _Optional[int] = ..., unsuspected: _Optional[int] = ..., settled: _Optional[bool] = ...) -> None: ...
