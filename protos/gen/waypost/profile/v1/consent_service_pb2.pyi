import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.profile.v1 import consent_pb2 as _consent_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordConsentRequest(_message.Message):
    __slots__ = ("profile_id", "scope", "state", "contact_point", "legal_basis", "text_version", "source", "proof_json", "given_time", "request_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINT_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    TEXT_VERSION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PROOF_JSON_FIELD_NUMBER: _ClassVar[int]
    GIVEN_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    scope: _consent_pb2.ConsentScope
    state: _consent_pb2.ConsentState
    contact_point: str
    legal_basis: str
    text_version: str
    source: str
    proof_json: bytes
    given_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, profile_id: _Optional[str] = ..., scope: _Optional[_Union[_consent_pb2.ConsentScope, _Mapping]] = ..., state: _Optional[_Union[_consent_pb2.ConsentState, str]] = ..., contact_point: _Optional[str] = ..., legal_basis: _Optional[str] = ..., text_version: _Optional[str] = ..., source: _Optional[str] = ..., proof_json: _Optional[bytes] = ..., given_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class RecordConsentResponse(_message.Message):
    __slots__ = ("consent_id", "profile_id", "contact_key", "given_time", "record_time", "in_force", "subjects")
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_KEY_FIELD_NUMBER: _ClassVar[int]
    GIVEN_TIME_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    consent_id: str
    profile_id: str
    contact_key: str
    given_time: _timestamp_pb2.Timestamp
    record_time: _timestamp_pb2.Timestamp
    in_force: _consent_pb2.ConsentState
    subjects: _containers.RepeatedCompositeFieldContainer[_consent_pb2.SubjectState]
    def __init__(self, consent_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., contact_key: _Optional[str] = ..., given_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., in_force: _Optional[_Union[_consent_pb2.ConsentState, str]] = ..., subjects: _Optional[_Iterable[_Union[_consent_pb2.SubjectState, _Mapping]]] = ...) -> None: ...

class ListConsentsRequest(_message.Message):
    __slots__ = ("profile_id", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListConsentsResponse(_message.Message):
    __slots__ = ("entries", "next_page_token", "in_force")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_consent_pb2.ConsentEntry]
    next_page_token: str
    in_force: _containers.RepeatedCompositeFieldContainer[_consent_pb2.ConsentInForce]
    def __init__(self, entries: _Optional[_Iterable[_Union[_consent_pb2.ConsentEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., in_force: _Optional[_Iterable[_Union[_consent_pb2.ConsentInForce, _Mapping]]] = ...) -> None: ...

class ListConsentTermsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListConsentTermsResponse(_message.Message):
    __slots__ = ("terms",)
    TERMS_FIELD_NUMBER: _ClassVar[int]
    terms: _containers.RepeatedCompositeFieldContainer[ConsentTerm]
    def __init__(self, terms: _Optional[_Iterable[_Union[ConsentTerm, _Mapping]]] = ...) -> None: ...

class ConsentTerm(_message.Message):
    __slots__ = ("kind", "value", "label_en", "label_zh", "law")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LABEL_EN_FIELD_NUMBER: _ClassVar[int]
    LABEL_ZH_FIELD_NUMBER: _ClassVar[int]
    LAW_FIELD_NUMBER: _ClassVar[int]
    kind: str
    value: str
    label_en: str
    label_zh: str
    law: str
    def __init__(self, kind: _Optional[str] = ..., value: _Optional[str] = ..., label_en: _Optional[str] = ..., label_zh: _Optional[str] = ..., law: _Optional[str] = ...) -> None: ...

class ConsentSettings(_message.Message):
    __slots__ = ("consent_required", "update_time")
    CONSENT_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    consent_required: bool
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, consent_required: _Optional[bool] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetConsentSettingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetConsentSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: ConsentSettings
    def __init__(self, settings: _Optional[_Union[ConsentSettings, _Mapping]] = ...) -> None: ...

class SetConsentSettingsRequest(_message.Message):
    __slots__ = ("consent_required", "request_id")
    CONSENT_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    consent_required: bool
    request_id: str
    def __init__(self, consent_required: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetConsentSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: ConsentSettings
    def __init__(self, settings: _Optional[_Union[ConsentSettings, _Mapping]] = ...) -> None: ...

class GrantCreditRequest(_message.Message):
    __slots__ = ("profile_id", "app_id", "openid", "template_id", "count", "source", "grant_time", "expire_time", "request_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    OPENID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    GRANT_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    app_id: str
    openid: str
    template_id: str
    count: int
    source: str
    grant_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, profile_id: _Optional[str] = ..., app_id: _Optional[str] = ..., openid: _Optional[str] = ..., template_id: _Optional[str] = ..., count: _Optional[int] = ..., source: _Optional[str] = ..., grant_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GrantCreditResponse(_message.Message):
    __slots__ = ("grant",)
    GRANT_FIELD_NUMBER: _ClassVar[int]
    grant: CreditGrant
    def __init__(self, grant: _Optional[_Union[CreditGrant, _Mapping]] = ...) -> None: ...

class ListCreditsRequest(_message.Message):
    __slots__ = ("profile_id", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCreditsResponse(_message.Message):
    __slots__ = ("grants", "next_page_token")
    GRANTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    grants: _containers.RepeatedCompositeFieldContainer[CreditGrant]
    next_page_token: str
    def __init__(self, grants: _Optional[_Iterable[_Union[CreditGrant, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreditGrant(_message.Message):
    __slots__ = ("grant_id", "identity_id", "app_id", "template_id", "count", "source", "grant_time", "expire_time", "used_count")
    GRANT_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    GRANT_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    USED_COUNT_FIELD_NUMBER: _ClassVar[int]
    grant_id: str
    identity_id: str
    app_id: str
    template_id: str
    count: int
    source: str
    grant_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    used_count: int
    def __init__(self, grant_id: _Optional[str] = ..., identity_id: _Optional[str] = ..., app_id: _Optional[str] = ..., template_id: _Optional[str] = ..., count: _Optional[int] = ..., source: _Optional[str] = ..., grant_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., used_count: _Optional[int] = ...) -> None: ...

class GetContactKeyRequest(_message.Message):
    __slots__ = ("channel", "address")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    channel: str
    address: str
    def __init__(self, channel: _Optional[str] = ..., address: _Optional[str] = ...) -> None: ...

class GetContactKeyResponse(_message.Message):
    __slots__ = ("contact_key",)
    CONTACT_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_key: str
    def __init__(self, contact_key: _Optional[str] = ...) -> None: ...
