import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SegmentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEGMENT_STATE_UNSPECIFIED: _ClassVar[SegmentState]
    SEGMENT_STATE_BUILDING: _ClassVar[SegmentState]
    SEGMENT_STATE_ACTIVE: _ClassVar[SegmentState]

class KnownNameKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KNOWN_NAME_KIND_UNSPECIFIED: _ClassVar[KnownNameKind]
    KNOWN_NAME_KIND_EVENT: _ClassVar[KnownNameKind]
    KNOWN_NAME_KIND_TRAIT: _ClassVar[KnownNameKind]
SEGMENT_STATE_UNSPECIFIED: SegmentState
SEGMENT_STATE_BUILDING: SegmentState
SEGMENT_STATE_ACTIVE: SegmentState
KNOWN_NAME_KIND_UNSPECIFIED: KnownNameKind
KNOWN_NAME_KIND_EVENT: KnownNameKind
KNOWN_NAME_KIND_TRAIT: KnownNameKind

class Segment(_message.Message):
    __slots__ = ("segment_id", "name", "rule_json", "version", "state", "size", "create_time", "description_en", "description_zh")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    RULE_JSON_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_EN_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_ZH_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    name: str
    rule_json: bytes
    version: int
    state: SegmentState
    size: int
    create_time: _timestamp_pb2.Timestamp
    description_en: str
    description_zh: str
    def __init__(self, segment_id: _Optional[str] = ..., name: _Optional[str] = ..., rule_json: _Optional[bytes] = ..., version: _Optional[int] = ..., state: _Optional[_Union[SegmentState, str]] = ..., size: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., description_en: _Optional[str] = ..., description_zh: _Optional[str] = ...) -> None: ...

class CreateSegmentRequest(_message.Message):
    __slots__ = ("name", "rule_json", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RULE_JSON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    rule_json: bytes
    request_id: str
    def __init__(self, name: _Optional[str] = ..., rule_json: _Optional[bytes] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateSegmentResponse(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ...) -> None: ...

class GetSegmentRequest(_message.Message):
    __slots__ = ("segment_id",)
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    def __init__(self, segment_id: _Optional[str] = ...) -> None: ...

class GetSegmentResponse(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ...) -> None: ...

class ListSegmentsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSegmentsResponse(_message.Message):
    __slots__ = ("segments", "next_page_token")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[Segment]
    next_page_token: str
    def __init__(self, segments: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListSegmentMembersRequest(_message.Message):
    __slots__ = ("segment_id", "page_size", "page_token")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    page_size: int
    page_token: str
    def __init__(self, segment_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPersonSegmentsRequest(_message.Message):
    __slots__ = ("profile_id",)
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    def __init__(self, profile_id: _Optional[str] = ...) -> None: ...

class PersonSegment(_message.Message):
    __slots__ = ("segment_id", "name", "enter_time")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENTER_TIME_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    name: str
    enter_time: _timestamp_pb2.Timestamp
    def __init__(self, segment_id: _Optional[str] = ..., name: _Optional[str] = ..., enter_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListPersonSegmentsResponse(_message.Message):
    __slots__ = ("segments",)
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[PersonSegment]
    def __init__(self, segments: _Optional[_Iterable[_Union[PersonSegment, _Mapping]]] = ...) -> None: ...

class SegmentMember(_message.Message):
    __slots__ = ("profile_id", "profile_no", "enter_time")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_NO_FIELD_NUMBER: _ClassVar[int]
    ENTER_TIME_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    profile_no: int
    enter_time: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., profile_no: _Optional[int] = ..., enter_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListSegmentMembersResponse(_message.Message):
    __slots__ = ("members", "next_page_token")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[SegmentMember]
    next_page_token: str
    def __init__(self, members: _Optional[_Iterable[_Union[SegmentMember, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ExplainMembershipRequest(_message.Message):
    __slots__ = ("segment_id", "profile_id")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    profile_id: str
    def __init__(self, segment_id: _Optional[str] = ..., profile_id: _Optional[str] = ...) -> None: ...

class ExplainMembershipResponse(_message.Message):
    __slots__ = ("member", "tree_json")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    TREE_JSON_FIELD_NUMBER: _ClassVar[int]
    member: bool
    tree_json: bytes
    def __init__(self, member: _Optional[bool] = ..., tree_json: _Optional[bytes] = ...) -> None: ...

class EvaluateRulesRequest(_message.Message):
    __slots__ = ("profile_ids", "rules_json", "heard_events")
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    RULES_JSON_FIELD_NUMBER: _ClassVar[int]
    HEARD_EVENTS_FIELD_NUMBER: _ClassVar[int]
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    rules_json: _containers.RepeatedScalarFieldContainer[bytes]
    heard_events: _containers.RepeatedCompositeFieldContainer[HeardEvent]
    def __init__(self, profile_ids: _Optional[_Iterable[str]] = ..., rules_json: _Optional[_Iterable[bytes]] = ..., heard_events: _Optional[_Iterable[_Union[HeardEvent, _Mapping]]] = ...) -> None: ...

class HeardEvent(_message.Message):
    __slots__ = ("identity_id", "event_id")
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    identity_id: str
    event_id: str
    def __init__(self, identity_id: _Optional[str] = ..., event_id: _Optional[str] = ...) -> None: ...

class EvaluateRulesResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[RuleResult]
    def __init__(self, results: _Optional[_Iterable[_Union[RuleResult, _Mapping]]] = ...) -> None: ...

class RuleResult(_message.Message):
    __slots__ = ("matches",)
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, matches: _Optional[_Iterable[bool]] = ...) -> None: ...

class DescribeRuleRequest(_message.Message):
    __slots__ = ("rule_json",)
    RULE_JSON_FIELD_NUMBER: _ClassVar[int]
    rule_json: bytes
    def __init__(self, rule_json: _Optional[bytes] = ...) -> None: ...

class DescribeRuleResponse(_message.Message):
    __slots__ = ("description_en", "description_zh", "cost", "needs", "normalised_json", "warnings")
    DESCRIPTION_EN_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_ZH_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    NORMALISED_JSON_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    description_en: str
    description_zh: str
    cost: str
    needs: _containers.RepeatedCompositeFieldContainer[RuleNeed]
    normalised_json: bytes
    warnings: _containers.RepeatedCompositeFieldContainer[RuleWarning]
    def __init__(self, description_en: _Optional[str] = ..., description_zh: _Optional[str] = ..., cost: _Optional[str] = ..., needs: _Optional[_Iterable[_Union[RuleNeed, _Mapping]]] = ..., normalised_json: _Optional[bytes] = ..., warnings: _Optional[_Iterable[_Union[RuleWarning, _Mapping]]] = ...) -> None: ...

class RuleNeed(_message.Message):
    __slots__ = ("kind", "name", "window_json")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    WINDOW_JSON_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    window_json: bytes
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., window_json: _Optional[bytes] = ...) -> None: ...

class RuleWarning(_message.Message):
    __slots__ = ("pointer", "reason", "detail")
    POINTER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    pointer: str
    reason: str
    detail: str
    def __init__(self, pointer: _Optional[str] = ..., reason: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class GetRuleLanguageRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRuleLanguageResponse(_message.Message):
    __slots__ = ("language_json",)
    LANGUAGE_JSON_FIELD_NUMBER: _ClassVar[int]
    language_json: bytes
    def __init__(self, language_json: _Optional[bytes] = ...) -> None: ...

class ListKnownNamesRequest(_message.Message):
    __slots__ = ("kind", "prefix", "page_size", "page_token")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    kind: KnownNameKind
    prefix: str
    page_size: int
    page_token: str
    def __init__(self, kind: _Optional[_Union[KnownNameKind, str]] = ..., prefix: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListKnownNamesResponse(_message.Message):
    __slots__ = ("names", "next_page_token")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    next_page_token: str
    def __init__(self, names: _Optional[_Iterable[str]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
