import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.profile.v1 import profile_service_pb2 as _profile_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetIdentitySettingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetIdentitySettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: IdentitySettings
    def __init__(self, settings: _Optional[_Union[IdentitySettings, _Mapping]] = ...) -> None: ...

class IdentitySettings(_message.Message):
    __slots__ = ("settings_json", "version", "update_time", "updated_by", "settled")
    SETTINGS_JSON_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATED_BY_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    settings_json: bytes
    version: int
    update_time: _timestamp_pb2.Timestamp
    updated_by: str
    settled: bool
    def __init__(self, settings_json: _Optional[bytes] = ..., version: _Optional[int] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_by: _Optional[str] = ..., settled: _Optional[bool] = ...) -> None: ...

class UpdateIdentitySettingsRequest(_message.Message):
    __slots__ = ("settings_json", "version", "request_id")
    SETTINGS_JSON_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    settings_json: bytes
    version: int
    request_id: str
    def __init__(self, settings_json: _Optional[bytes] = ..., version: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class UpdateIdentitySettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: IdentitySettings
    def __init__(self, settings: _Optional[_Union[IdentitySettings, _Mapping]] = ...) -> None: ...

class DryRunIdentitySettingsRequest(_message.Message):
    __slots__ = ("settings_json", "days")
    SETTINGS_JSON_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    settings_json: bytes
    days: int
    def __init__(self, settings_json: _Optional[bytes] = ..., days: _Optional[int] = ...) -> None: ...

class DryRunIdentitySettingsResponse(_message.Message):
    __slots__ = ("identifiers", "truncated", "people_before", "people_after", "merges", "splits", "merge_samples", "split_samples", "largest", "refused", "profile_ids", "leaving", "from_time")
    class RefusedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_AFTER_FIELD_NUMBER: _ClassVar[int]
    MERGES_FIELD_NUMBER: _ClassVar[int]
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    MERGE_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    SPLIT_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    LARGEST_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    LEAVING_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    identifiers: int
    truncated: bool
    people_before: int
    people_after: int
    merges: int
    splits: int
    merge_samples: _containers.RepeatedCompositeFieldContainer[PlannedMerge]
    split_samples: _containers.RepeatedCompositeFieldContainer[PlannedSplit]
    largest: _containers.RepeatedCompositeFieldContainer[PlannedPerson]
    refused: _containers.ScalarMap[str, int]
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    leaving: _containers.RepeatedCompositeFieldContainer[LeavingIdentities]
    from_time: _timestamp_pb2.Timestamp
    def __init__(self, identifiers: _Optional[int] = ..., truncated: _Optional[bool] = ..., people_before: _Optional[int] = ..., people_after: _Optional[int] = ..., merges: _Optional[int] = ..., splits: _Optional[int] = ..., merge_samples: _Optional[_Iterable[_Union[PlannedMerge, _Mapping]]] = ..., split_samples: _Optional[_Iterable[_Union[PlannedSplit, _Mapping]]] = ..., largest: _Optional[_Iterable[_Union[PlannedPerson, _Mapping]]] = ..., refused: _Optional[_Mapping[str, int]] = ..., profile_ids: _Optional[_Iterable[str]] = ..., leaving: _Optional[_Iterable[_Union[LeavingIdentities, _Mapping]]] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LeavingIdentities(_message.Message):
    __slots__ = ("identity_ids", "profile_ids")
    IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    identity_ids: _containers.RepeatedScalarFieldContainer[str]
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, identity_ids: _Optional[_Iterable[str]] = ..., profile_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class PlannedMerge(_message.Message):
    __slots__ = ("profile_id", "merged_profile_ids", "joined")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    MERGED_PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    JOINED_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    merged_profile_ids: _containers.RepeatedScalarFieldContainer[str]
    joined: _containers.RepeatedCompositeFieldContainer[NamedIdentity]
    def __init__(self, profile_id: _Optional[str] = ..., merged_profile_ids: _Optional[_Iterable[str]] = ..., joined: _Optional[_Iterable[_Union[NamedIdentity, _Mapping]]] = ...) -> None: ...

class PlannedSplit(_message.Message):
    __slots__ = ("profile_id", "taken_off")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    TAKEN_OFF_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    taken_off: _containers.RepeatedCompositeFieldContainer[NamedIdentity]
    def __init__(self, profile_id: _Optional[str] = ..., taken_off: _Optional[_Iterable[_Union[NamedIdentity, _Mapping]]] = ...) -> None: ...

class PlannedPerson(_message.Message):
    __slots__ = ("profile_id", "identifiers")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifiers: int
    def __init__(self, profile_id: _Optional[str] = ..., identifiers: _Optional[int] = ...) -> None: ...

class NamedIdentity(_message.Message):
    __slots__ = ("identity_id", "type", "scope", "value")
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    identity_id: str
    type: str
    scope: str
    value: str
    def __init__(self, identity_id: _Optional[str] = ..., type: _Optional[str] = ..., scope: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class MergeProfilesRequest(_message.Message):
    __slots__ = ("profile_id", "with_profile_id", "reason", "request_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    WITH_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    with_profile_id: str
    reason: str
    request_id: str
    def __init__(self, profile_id: _Optional[str] = ..., with_profile_id: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class MergeProfilesResponse(_message.Message):
    __slots__ = ("decision_id", "profile_id")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    profile_id: str
    def __init__(self, decision_id: _Optional[str] = ..., profile_id: _Optional[str] = ...) -> None: ...

class SplitProfileRequest(_message.Message):
    __slots__ = ("merge_id", "profile_id", "identity_ids", "identifiers", "reason", "request_id")
    MERGE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    merge_id: str
    profile_id: str
    identity_ids: _containers.RepeatedScalarFieldContainer[str]
    identifiers: _containers.RepeatedCompositeFieldContainer[_profile_service_pb2.IdentifierKey]
    reason: str
    request_id: str
    def __init__(self, merge_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., identity_ids: _Optional[_Iterable[str]] = ..., identifiers: _Optional[_Iterable[_Union[_profile_service_pb2.IdentifierKey, _Mapping]]] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SplitProfileResponse(_message.Message):
    __slots__ = ("decision_id", "profile_id", "split_profile_id")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    SPLIT_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    profile_id: str
    split_profile_id: str
    def __init__(self, decision_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., split_profile_id: _Optional[str] = ...) -> None: ...

class ExplainIdentityRequest(_message.Message):
    __slots__ = ("profile_id", "with_profile_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    WITH_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    with_profile_id: str
    def __init__(self, profile_id: _Optional[str] = ..., with_profile_id: _Optional[str] = ...) -> None: ...

class ExplainIdentityResponse(_message.Message):
    __slots__ = ("one_person", "path")
    ONE_PERSON_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    one_person: bool
    path: _containers.RepeatedCompositeFieldContainer[IdentityLink]
    def __init__(self, one_person: _Optional[bool] = ..., path: _Optional[_Iterable[_Union[IdentityLink, _Mapping]]] = ...) -> None: ...

class IdentityLink(_message.Message):
    __slots__ = ("to", "kind", "time", "message_id", "refused", "refused_detail")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_DETAIL_FIELD_NUMBER: _ClassVar[int]
    to: NamedIdentity
    kind: str
    time: _timestamp_pb2.Timestamp
    message_id: str
    refused: str
    refused_detail: str
    def __init__(self, to: _Optional[_Union[NamedIdentity, _Mapping]] = ..., kind: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., message_id: _Optional[str] = ..., refused: _Optional[str] = ..., refused_detail: _Optional[str] = ..., **kwargs) -> None: ...

class ListQuarantineRequest(_message.Message):
    __slots__ = ("kind", "state", "page_size", "page_token")
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    kind: str
    state: str
    page_size: int
    page_token: str
    def __init__(self, kind: _Optional[str] = ..., state: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListQuarantineResponse(_message.Message):
    __slots__ = ("identifiers", "links", "next_page_token")
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    identifiers: _containers.RepeatedCompositeFieldContainer[QuarantinedIdentifier]
    links: _containers.RepeatedCompositeFieldContainer[IdentityLink]
    next_page_token: str
    def __init__(self, identifiers: _Optional[_Iterable[_Union[QuarantinedIdentifier, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[IdentityLink, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class QuarantinedIdentifier(_message.Message):
    __slots__ = ("identity", "state", "reason", "time", "decide_time", "decision_id")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    identity: NamedIdentity
    state: str
    reason: str
    time: _timestamp_pb2.Timestamp
    decide_time: _timestamp_pb2.Timestamp
    decision_id: str
    def __init__(self, identity: _Optional[_Union[NamedIdentity, _Mapping]] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decision_id: _Optional[str] = ...) -> None: ...

class DecideQuarantineRequest(_message.Message):
    __slots__ = ("identity_id", "state", "reason", "request_id")
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    identity_id: str
    state: str
    reason: str
    request_id: str
    def __init__(self, identity_id: _Optional[str] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DecideQuarantineResponse(_message.Message):
    __slots__ = ("decision_id",)
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    def __init__(self, decision_id: _Optional[str] = ...) -> None: ...

class ListDecisionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDecisionsResponse(_message.Message):
    __slots__ = ("decisions", "next_page_token")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    decisions: _containers.RepeatedCompositeFieldContainer[IdentityDecision]
    next_page_token: str
    def __init__(self, decisions: _Optional[_Iterable[_Union[IdentityDecision, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class IdentityDecision(_message.Message):
    __slots__ = ("decision_id", "kind", "left_identity_ids", "right_identity_ids", "undoes", "reason", "actor", "time", "undone")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LEFT_IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    RIGHT_IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    UNDOES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    UNDONE_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    kind: str
    left_identity_ids: _containers.RepeatedScalarFieldContainer[str]
    right_identity_ids: _containers.RepeatedScalarFieldContainer[str]
    undoes: str
    reason: str
    actor: str
    time: _timestamp_pb2.Timestamp
    undone: bool
    def __init__(self, decision_id: _Optional[str] = ..., kind: _Optional[str] = ..., left_identity_ids: _Optional[_Iterable[str]] = ..., right_identity_ids: _Optional[_Iterable[str]] = ..., undoes: _Optional[str] = ..., reason: _Optional[str] = ..., actor: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., undone: _Optional[bool] = ...) -> None: ...

class UndoDecisionRequest(_message.Message):
    __slots__ = ("decision_id", "reason", "request_id")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    reason: str
    request_id: str
    def __init__(self, decision_id: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class UndoDecisionResponse(_message.Message):
    __slots__ = ("decision_id",)
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    def __init__(self, decision_id: _Optional[str] = ...) -> None: ...

class ListSplitsRequest(_message.Message):
    __slots__ = ("profile_id", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSplitsResponse(_message.Message):
    __slots__ = ("splits", "next_page_token")
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    splits: _containers.RepeatedCompositeFieldContainer[Split]
    next_page_token: str
    def __init__(self, splits: _Optional[_Iterable[_Union[Split, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Split(_message.Message):
    __slots__ = ("split_id", "profile_id", "split_profile_id", "taken_off", "rule", "decision_id", "create_time")
    SPLIT_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    SPLIT_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    TAKEN_OFF_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    split_id: str
    profile_id: str
    split_profile_id: str
    taken_off: _containers.RepeatedCompositeFieldContainer[NamedIdentity]
    rule: str
    decision_id: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, split_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., split_profile_id: _Optional[str] = ..., taken_off: _Optional[_Iterable[_Union[NamedIdentity, _Mapping]]] = ..., rule: _Optional[str] = ..., decision_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetIdentityTrendsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetIdentityTrendsResponse(_message.Message):
    __slots__ = ("days", "refused", "set_aside", "well_known_people", "most_refused", "most_shared")
    class RefusedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class SetAsideEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    DAYS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    SET_ASIDE_FIELD_NUMBER: _ClassVar[int]
    WELL_KNOWN_PEOPLE_FIELD_NUMBER: _ClassVar[int]
    MOST_REFUSED_FIELD_NUMBER: _ClassVar[int]
    MOST_SHARED_FIELD_NUMBER: _ClassVar[int]
    days: _containers.RepeatedCompositeFieldContainer[DayOfIdentity]
    refused: _containers.ScalarMap[str, int]
    set_aside: _containers.ScalarMap[str, int]
    well_known_people: int
    most_refused: _containers.RepeatedCompositeFieldContainer[SharedIdentity]
    most_shared: _containers.RepeatedCompositeFieldContainer[SharedIdentity]
    def __init__(self, days: _Optional[_Iterable[_Union[DayOfIdentity, _Mapping]]] = ..., refused: _Optional[_Mapping[str, int]] = ..., set_aside: _Optional[_Mapping[str, int]] = ..., well_known_people: _Optional[int] = ..., most_refused: _Optional[_Iterable[_Union[SharedIdentity, _Mapping]]] = ..., most_shared: _Optional[_Iterable[_Union[SharedIdentity, _Mapping]]] = ...) -> None: ...

class DayOfIdentity(_message.Message):
    __slots__ = ("day", "merges", "splits")
    DAY_FIELD_NUMBER: _ClassVar[int]
    MERGES_FIELD_NUMBER: _ClassVar[int]
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    day: str
    merges: int
    splits: int
    def __init__(self, day: _Optional[str] = ..., merges: _Optional[int] = ..., splits: _Optional[int] = ...) -> None: ...

class SharedIdentity(_message.Message):
    __slots__ = ("identity", "count")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    identity: NamedIdentity
    count: int
    def __init__(self, identity: _Optional[_Union[NamedIdentity, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...
