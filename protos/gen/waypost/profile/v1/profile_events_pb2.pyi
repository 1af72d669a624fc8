import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.common.v1 import personal_data_pb2 as _personal_data_pb2
from waypost.common.v1 import record_pb2 as _record_pb2
from waypost.profile.v1 import consent_pb2 as _consent_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProfileRecord(_message.Message):
    __slots__ = ("meta", "person", "event", "traits", "merged", "order", "split", "erased", "relation", "event_moved", "consent")
    META_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    TRAITS_FIELD_NUMBER: _ClassVar[int]
    MERGED_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    EVENT_MOVED_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    meta: _record_pb2.RecordMeta
    person: _record_pb2.PersonRef
    event: EventRecorded
    traits: TraitsChanged
    merged: ProfilesMerged
    order: OrderChanged
    split: ProfileSplit
    erased: _personal_data_pb2.PersonErased
    relation: RelationChanged
    event_moved: EventMoved
    consent: ConsentChanged
    def __init__(self, meta: _Optional[_Union[_record_pb2.RecordMeta, _Mapping]] = ..., person: _Optional[_Union[_record_pb2.PersonRef, _Mapping]] = ..., event: _Optional[_Union[EventRecorded, _Mapping]] = ..., traits: _Optional[_Union[TraitsChanged, _Mapping]] = ..., merged: _Optional[_Union[ProfilesMerged, _Mapping]] = ..., order: _Optional[_Union[OrderChanged, _Mapping]] = ..., split: _Optional[_Union[ProfileSplit, _Mapping]] = ..., erased: _Optional[_Union[_personal_data_pb2.PersonErased, _Mapping]] = ..., relation: _Optional[_Union[RelationChanged, _Mapping]] = ..., event_moved: _Optional[_Union[EventMoved, _Mapping]] = ..., consent: _Optional[_Union[ConsentChanged, _Mapping]] = ...) -> None: ...

class EventRecorded(_message.Message):
    __slots__ = ("name", "properties_json")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    properties_json: bytes
    def __init__(self, name: _Optional[str] = ..., properties_json: _Optional[bytes] = ...) -> None: ...

class TraitsChanged(_message.Message):
    __slots__ = ("traits_json", "rank", "source", "keep_all")
    TRAITS_JSON_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    KEEP_ALL_FIELD_NUMBER: _ClassVar[int]
    traits_json: bytes
    rank: int
    source: str
    keep_all: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, traits_json: _Optional[bytes] = ..., rank: _Optional[int] = ..., source: _Optional[str] = ..., keep_all: _Optional[_Iterable[str]] = ...) -> None: ...

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

class RelationChanged(_message.Message):
    __slots__ = ("relation_id", "staff_id", "kind", "start_time", "end_time", "ended_by", "end_reason", "transferred_to", "org_unit_id", "version")
    RELATION_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    END_REASON_FIELD_NUMBER: _ClassVar[int]
    TRANSFERRED_TO_FIELD_NUMBER: _ClassVar[int]
    ORG_UNIT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    relation_id: str
    staff_id: str
    kind: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    ended_by: str
    end_reason: str
    transferred_to: str
    org_unit_id: str
    version: int
    def __init__(self, relation_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., kind: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_by: _Optional[str] = ..., end_reason: _Optional[str] = ..., transferred_to: _Optional[str] = ..., org_unit_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class ConsentChanged(_message.Message):
    __slots__ = ("stated", "credit")
    STATED_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    stated: ConsentStated
    credit: CreditGranted
    def __init__(self, stated: _Optional[_Union[ConsentStated, _Mapping]] = ..., credit: _Optional[_Union[CreditGranted, _Mapping]] = ...) -> None: ...

class ConsentStated(_message.Message):
    __slots__ = ("consent_id", "scope", "state", "contact_key", "legal_basis", "text_version", "source", "identity_ids", "subjects", "message_id")
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_KEY_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    TEXT_VERSION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_IDS_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    consent_id: str
    scope: _consent_pb2.ConsentScope
    state: _consent_pb2.ConsentState
    contact_key: str
    legal_basis: str
    text_version: str
    source: str
    identity_ids: _containers.RepeatedScalarFieldContainer[str]
    subjects: _containers.RepeatedCompositeFieldContainer[_consent_pb2.SubjectState]
    message_id: str
    def __init__(self, consent_id: _Optional[str] = ..., scope: _Optional[_Union[_consent_pb2.ConsentScope, _Mapping]] = ..., state: _Optional[_Union[_consent_pb2.ConsentState, str]] = ..., contact_key: _Optional[str] = ..., legal_basis: _Optional[str] = ..., text_version: _Optional[str] = ..., source: _Optional[str] = ..., identity_ids: _Optional[_Iterable[str]] = ..., subjects: _Optional[_Iterable[_Union[_consent_pb2.SubjectState, _Mapping]]] = ..., message_id: _Optional[str] = ...) -> None: ...

class CreditGranted(_message.Message):
    __slots__ = ("grant_id", "app_id", "template_id", "count", "expire_time")
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    grant_id: str
    app_id: str
    template_id: str
    count: int
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, grant_id: _Optional[str] = ..., app_id: _Optional[str] = ..., template_id: _Optional[str] = ..., count: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
