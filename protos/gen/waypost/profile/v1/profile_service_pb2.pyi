import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from waypost.profile.v1 import consent_pb2 as _consent_pb2
from waypost.profile.v1 import profile_facets_pb2 as _profile_facets_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetProfileRequest(_message.Message):
    __slots__ = ("profile_id", "identifier")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identifier: IdentifierKey
    def __init__(self, profile_id: _Optional[str] = ..., identifier: _Optional[_Union[IdentifierKey, _Mapping]] = ...) -> None: ...

class IdentifierKey(_message.Message):
    __slots__ = ("type", "scope", "value")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: str
    scope: str
    value: str
    def __init__(self, type: _Optional[str] = ..., scope: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class GetProfileResponse(_message.Message):
    __slots__ = ("profile", "identity_id")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    profile: Profile
    identity_id: str
    def __init__(self, profile: _Optional[_Union[Profile, _Mapping]] = ..., identity_id: _Optional[str] = ...) -> None: ...

class Profile(_message.Message):
    __slots__ = ("profile_id", "profile_no", "traits_json", "identifiers", "contact_points", "create_time", "update_time", "version", "event_count", "no_profiling", "consents", "etag", "trait_sources", "event_counts", "order_sums", "accounts")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_NO_FIELD_NUMBER: _ClassVar[int]
    TRAITS_JSON_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINTS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    NO_PROFILING_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    TRAIT_SOURCES_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNTS_FIELD_NUMBER: _ClassVar[int]
    ORDER_SUMS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    profile_no: int
    traits_json: bytes
    identifiers: _containers.RepeatedCompositeFieldContainer[ProfileIdentifier]
    contact_points: _containers.RepeatedCompositeFieldContainer[ContactPoint]
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    version: int
    event_count: int
    no_profiling: bool
    consents: _containers.RepeatedCompositeFieldContainer[_consent_pb2.ConsentInForce]
    etag: str
    trait_sources: _containers.RepeatedCompositeFieldContainer[_profile_facets_pb2.TraitSource]
    event_counts: _containers.RepeatedCompositeFieldContainer[_profile_facets_pb2.EventCount]
    order_sums: _containers.RepeatedCompositeFieldContainer[_profile_facets_pb2.OrderSum]
    accounts: _containers.RepeatedCompositeFieldContainer[_profile_facets_pb2.ProfileAccount]
    def __init__(self, profile_id: _Optional[str] = ..., profile_no: _Optional[int] = ..., traits_json: _Optional[bytes] = ..., identifiers: _Optional[_Iterable[_Union[ProfileIdentifier, _Mapping]]] = ..., contact_points: _Optional[_Iterable[_Union[ContactPoint, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ..., event_count: _Optional[int] = ..., no_profiling: _Optional[bool] = ..., consents: _Optional[_Iterable[_Union[_consent_pb2.ConsentInForce, _Mapping]]] = ..., etag: _Optional[str] = ..., trait_sources: _Optional[_Iterable[_Union[_profile_facets_pb2.TraitSource, _Mapping]]] = ..., event_counts: _Optional[_Iterable[_Union[_profile_facets_pb2.EventCount, _Mapping]]] = ..., order_sums: _Optional[_Iterable[_Union[_profile_facets_pb2.OrderSum, _Mapping]]] = ..., accounts: _Optional[_Iterable[_Union[_profile_facets_pb2.ProfileAccount, _Mapping]]] = ...) -> None: ...

class ProfileIdentifier(_message.Message):
    __slots__ = ("type", "scope", "value", "identity_id", "create_time", "unverified")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNVERIFIED_FIELD_NUMBER: _ClassVar[int]
    type: str
    scope: str
    value: str
    identity_id: str
    create_time: _timestamp_pb2.Timestamp
    unverified: bool
    def __init__(self, type: _Optional[str] = ..., scope: _Optional[str] = ..., value: _Optional[str] = ..., identity_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., unverified: _Optional[bool] = ...) -> None: ...

class ContactPoint(_message.Message):
    __slots__ = ("type", "contact_key", "address", "update_time", "verified")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_KEY_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    type: str
    contact_key: str
    address: str
    update_time: _timestamp_pb2.Timestamp
    verified: bool
    def __init__(self, type: _Optional[str] = ..., contact_key: _Optional[str] = ..., address: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., verified: _Optional[bool] = ...) -> None: ...

class BatchGetContactsRequest(_message.Message):
    __slots__ = ("profile_ids", "type", "consents")
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    type: str
    consents: _containers.RepeatedCompositeFieldContainer[_consent_pb2.ConsentScope]
    def __init__(self, profile_ids: _Optional[_Iterable[str]] = ..., type: _Optional[str] = ..., consents: _Optional[_Iterable[_Union[_consent_pb2.ConsentScope, _Mapping]]] = ...) -> None: ...

class BatchGetContactsResponse(_message.Message):
    __slots__ = ("contacts",)
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[Contact]
    def __init__(self, contacts: _Optional[_Iterable[_Union[Contact, _Mapping]]] = ...) -> None: ...

class Contact(_message.Message):
    __slots__ = ("profile_id", "current_profile_id", "contact_point", "consents", "consent_version")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINT_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    current_profile_id: str
    contact_point: ContactPoint
    consents: _containers.RepeatedCompositeFieldContainer[_consent_pb2.ConsentInForce]
    consent_version: int
    def __init__(self, profile_id: _Optional[str] = ..., current_profile_id: _Optional[str] = ..., contact_point: _Optional[_Union[ContactPoint, _Mapping]] = ..., consents: _Optional[_Iterable[_Union[_consent_pb2.ConsentInForce, _Mapping]]] = ..., consent_version: _Optional[int] = ...) -> None: ...

class ListIngestionIssuesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListIngestionIssuesResponse(_message.Message):
    __slots__ = ("issues", "next_page_token")
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    issues: _containers.RepeatedCompositeFieldContainer[IngestionIssue]
    next_page_token: str
    def __init__(self, issues: _Optional[_Iterable[_Union[IngestionIssue, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class IngestionIssue(_message.Message):
    __slots__ = ("kind", "reason", "path", "event_name", "count", "first_time", "last_time", "sample_message_id", "detail")
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    EVENT_NAME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_TIME_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    kind: str
    reason: str
    path: str
    event_name: str
    count: int
    first_time: _timestamp_pb2.Timestamp
    last_time: _timestamp_pb2.Timestamp
    sample_message_id: str
    detail: str
    def __init__(self, kind: _Optional[str] = ..., reason: _Optional[str] = ..., path: _Optional[str] = ..., event_name: _Optional[str] = ..., count: _Optional[int] = ..., first_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sample_message_id: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class ListMergesRequest(_message.Message):
    __slots__ = ("profile_id", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListMergesResponse(_message.Message):
    __slots__ = ("merges", "next_page_token")
    MERGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    merges: _containers.RepeatedCompositeFieldContainer[Merge]
    next_page_token: str
    def __init__(self, merges: _Optional[_Iterable[_Union[Merge, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Merge(_message.Message):
    __slots__ = ("merge_id", "profile_id", "merged_profile_ids", "rule", "evidence_json", "create_time")
    MERGE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    MERGED_PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_JSON_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    merge_id: str
    profile_id: str
    merged_profile_ids: _containers.RepeatedScalarFieldContainer[str]
    rule: str
    evidence_json: bytes
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, merge_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., merged_profile_ids: _Optional[_Iterable[str]] = ..., rule: _Optional[str] = ..., evidence_json: _Optional[bytes] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetIdentityHealthRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetIdentityHealthResponse(_message.Message):
    __slots__ = ("profile_count", "identity_count", "merge_count", "event_count", "dead_letter_count", "cluster_sizes", "counted_share")
    PROFILE_COUNT_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_COUNT_FIELD_NUMBER: _ClassVar[int]
    MERGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTER_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_SIZES_FIELD_NUMBER: _ClassVar[int]
    COUNTED_SHARE_FIELD_NUMBER: _ClassVar[int]
    profile_count: int
    identity_count: int
    merge_count: int
    event_count: int
    dead_letter_count: int
    cluster_sizes: _containers.RepeatedScalarFieldContainer[int]
    counted_share: float
    def __init__(self, profile_count: _Optional[int] = ..., identity_count: _Optional[int] = ..., merge_count: _Optional[int] = ..., event_count: _Optional[int] = ..., dead_letter_count: _Optional[int] = ..., cluster_sizes: _Optional[_Iterable[int]] = ..., counted_share: _Optional[float] = ...) -> None: ...

class ListOrdersRequest(_message.Message):
    __slots__ = ("profile_id", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListOrdersResponse(_message.Message):
    __slots__ = ("orders", "next_page_token")
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    orders: _containers.RepeatedCompositeFieldContainer[Order]
    next_page_token: str
    def __init__(self, orders: _Optional[_Iterable[_Union[Order, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("order_id", "identity_id", "state", "order_time", "total_minor", "refunded_minor", "net_minor", "currency", "lines", "other_minor", "original")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ORDER_TIME_FIELD_NUMBER: _ClassVar[int]
    TOTAL_MINOR_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_MINOR_FIELD_NUMBER: _ClassVar[int]
    NET_MINOR_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    OTHER_MINOR_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    identity_id: str
    state: str
    order_time: _timestamp_pb2.Timestamp
    total_minor: int
    refunded_minor: int
    net_minor: int
    currency: str
    lines: _containers.RepeatedCompositeFieldContainer[OrderLine]
    other_minor: int
    original: OriginalAmounts
    def __init__(self, order_id: _Optional[str] = ..., identity_id: _Optional[str] = ..., state: _Optional[str] = ..., order_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., total_minor: _Optional[int] = ..., refunded_minor: _Optional[int] = ..., net_minor: _Optional[int] = ..., currency: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[OrderLine, _Mapping]]] = ..., other_minor: _Optional[int] = ..., original: _Optional[_Union[OriginalAmounts, _Mapping]] = ...) -> None: ...

class OriginalAmounts(_message.Message):
    __slots__ = ("currency", "total_minor", "refunded_minor", "rate", "rate_day")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    TOTAL_MINOR_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_MINOR_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    RATE_DAY_FIELD_NUMBER: _ClassVar[int]
    currency: str
    total_minor: int
    refunded_minor: int
    rate: str
    rate_day: str
    def __init__(self, currency: _Optional[str] = ..., total_minor: _Optional[int] = ..., refunded_minor: _Optional[int] = ..., rate: _Optional[str] = ..., rate_day: _Optional[str] = ...) -> None: ...

class OrderLine(_message.Message):
    __slots__ = ("product_id", "quantity", "amount_minor", "refunded_quantity")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    quantity: int
    amount_minor: int
    refunded_quantity: int
    def __init__(self, product_id: _Optional[str] = ..., quantity: _Optional[int] = ..., amount_minor: _Optional[int] = ..., refunded_quantity: _Optional[int] = ...) -> None: ...

class ListProductsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListProductsResponse(_message.Message):
    __slots__ = ("products", "next_page_token")
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[Product]
    next_page_token: str
    def __init__(self, products: _Optional[_Iterable[_Union[Product, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Product(_message.Message):
    __slots__ = ("product_id", "name", "category", "sku", "price_minor", "currency")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    PRICE_MINOR_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    name: str
    category: str
    sku: str
    price_minor: int
    currency: str
    def __init__(self, product_id: _Optional[str] = ..., name: _Optional[str] = ..., category: _Optional[str] = ..., sku: _Optional[str] = ..., price_minor: _Optional[int] = ..., currency: _Optional[str] = ...) -> None: ...

class ListDeadLettersRequest(_message.Message):
    __slots__ = ("reason", "page_size", "page_token")
    REASON_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reason: str
    page_size: int
    page_token: str
    def __init__(self, reason: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDeadLettersResponse(_message.Message):
    __slots__ = ("dead_letters", "next_page_token")
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dead_letters: _containers.RepeatedCompositeFieldContainer[DeadLetter]
    next_page_token: str
    def __init__(self, dead_letters: _Optional[_Iterable[_Union[DeadLetter, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeadLetter(_message.Message):
    __slots__ = ("dead_letter_id", "reason", "detail", "record", "create_time")
    DEAD_LETTER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    dead_letter_id: int
    reason: str
    detail: str
    record: bytes
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, dead_letter_id: _Optional[int] = ..., reason: _Optional[str] = ..., detail: _Optional[str] = ..., record: _Optional[bytes] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class DeleteDeadLettersRequest(_message.Message):
    __slots__ = ("dead_letter_ids", "request_id")
    DEAD_LETTER_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    dead_letter_ids: _containers.RepeatedScalarFieldContainer[int]
    request_id: str
    def __init__(self, dead_letter_ids: _Optional[_Iterable[int]] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteDeadLettersResponse(_message.Message):
    __slots__ = ("deleted",)
    DELETED_FIELD_NUMBER: _ClassVar[int]
    deleted: int
    def __init__(self, deleted: _Optional[int] = ...) -> None: ...

class DismissIngestionIssueRequest(_message.Message):
    __slots__ = ("kind", "reason", "path", "event_name", "request_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    EVENT_NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    kind: str
    reason: str
    path: str
    event_name: str
    request_id: str
    def __init__(self, kind: _Optional[str] = ..., reason: _Optional[str] = ..., path: _Optional[str] = ..., event_name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DismissIngestionIssueResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
