import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListSourcesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSourcesResponse(_message.Message):
    __slots__ = ("sources", "next_page_token")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[Source]
    next_page_token: str
    def __init__(self, sources: _Optional[_Iterable[_Union[Source, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("name", "priority", "verified", "expected_every_s", "last_seen_time", "stale", "days")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_EVERY_S_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    name: str
    priority: int
    verified: bool
    expected_every_s: int
    last_seen_time: _timestamp_pb2.Timestamp
    stale: bool
    days: _containers.RepeatedCompositeFieldContainer[SourceDay]
    def __init__(self, name: _Optional[str] = ..., priority: _Optional[int] = ..., verified: _Optional[bool] = ..., expected_every_s: _Optional[int] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., stale: _Optional[bool] = ..., days: _Optional[_Iterable[_Union[SourceDay, _Mapping]]] = ...) -> None: ...

class SourceDay(_message.Message):
    __slots__ = ("date", "calls")
    DATE_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    date: str
    calls: int
    def __init__(self, date: _Optional[str] = ..., calls: _Optional[int] = ...) -> None: ...

class SetSourceRequest(_message.Message):
    __slots__ = ("name", "priority", "verified", "expected_every_s", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_EVERY_S_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    priority: int
    verified: bool
    expected_every_s: int
    request_id: str
    def __init__(self, name: _Optional[str] = ..., priority: _Optional[int] = ..., verified: _Optional[bool] = ..., expected_every_s: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetSourceResponse(_message.Message):
    __slots__ = ("source",)
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    source: Source
    def __init__(self, source: _Optional[_Union[Source, _Mapping]] = ...) -> None: ...

class ListTraitRulesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTraitRulesResponse(_message.Message):
    __slots__ = ("traits", "next_page_token")
    TRAITS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    traits: _containers.RepeatedCompositeFieldContainer[TraitRule]
    next_page_token: str
    def __init__(self, traits: _Optional[_Iterable[_Union[TraitRule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class TraitRule(_message.Message):
    __slots__ = ("name", "keep_all")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KEEP_ALL_FIELD_NUMBER: _ClassVar[int]
    name: str
    keep_all: bool
    def __init__(self, name: _Optional[str] = ..., keep_all: _Optional[bool] = ...) -> None: ...

class SetTraitRuleRequest(_message.Message):
    __slots__ = ("name", "keep_all", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KEEP_ALL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    keep_all: bool
    request_id: str
    def __init__(self, name: _Optional[str] = ..., keep_all: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetTraitRuleResponse(_message.Message):
    __slots__ = ("trait",)
    TRAIT_FIELD_NUMBER: _ClassVar[int]
    trait: TraitRule
    def __init__(self, trait: _Optional[_Union[TraitRule, _Mapping]] = ...) -> None: ...

class OrgUnit(_message.Message):
    __slots__ = ("org_unit_id", "parent_id", "name", "kind", "archived")
    ORG_UNIT_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_FIELD_NUMBER: _ClassVar[int]
    org_unit_id: str
    parent_id: str
    name: str
    kind: str
    archived: bool
    def __init__(self, org_unit_id: _Optional[str] = ..., parent_id: _Optional[str] = ..., name: _Optional[str] = ..., kind: _Optional[str] = ..., archived: _Optional[bool] = ...) -> None: ...

class ListOrgUnitsRequest(_message.Message):
    __slots__ = ("under", "page_size", "page_token")
    UNDER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    under: str
    page_size: int
    page_token: str
    def __init__(self, under: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListOrgUnitsResponse(_message.Message):
    __slots__ = ("org_units", "next_page_token")
    ORG_UNITS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    org_units: _containers.RepeatedCompositeFieldContainer[OrgUnit]
    next_page_token: str
    def __init__(self, org_units: _Optional[_Iterable[_Union[OrgUnit, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SetOrgUnitRequest(_message.Message):
    __slots__ = ("org_unit", "request_id")
    ORG_UNIT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    org_unit: OrgUnit
    request_id: str
    def __init__(self, org_unit: _Optional[_Union[OrgUnit, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetOrgUnitResponse(_message.Message):
    __slots__ = ("org_unit",)
    ORG_UNIT_FIELD_NUMBER: _ClassVar[int]
    org_unit: OrgUnit
    def __init__(self, org_unit: _Optional[_Union[OrgUnit, _Mapping]] = ...) -> None: ...

class StaffMember(_message.Message):
    __slots__ = ("staff_id", "name", "wecom_user_id", "org_unit_id", "active")
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    WECOM_USER_ID_FIELD_NUMBER: _ClassVar[int]
    ORG_UNIT_ID_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    name: str
    wecom_user_id: str
    org_unit_id: str
    active: bool
    def __init__(self, staff_id: _Optional[str] = ..., name: _Optional[str] = ..., wecom_user_id: _Optional[str] = ..., org_unit_id: _Optional[str] = ..., active: _Optional[bool] = ...) -> None: ...

class ListStaffRequest(_message.Message):
    __slots__ = ("org_unit_id", "page_size", "page_token")
    ORG_UNIT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    org_unit_id: str
    page_size: int
    page_token: str
    def __init__(self, org_unit_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStaffResponse(_message.Message):
    __slots__ = ("staff", "next_page_token")
    STAFF_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    staff: _containers.RepeatedCompositeFieldContainer[StaffMember]
    next_page_token: str
    def __init__(self, staff: _Optional[_Iterable[_Union[StaffMember, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SetStaffMemberRequest(_message.Message):
    __slots__ = ("staff_member", "request_id")
    STAFF_MEMBER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    staff_member: StaffMember
    request_id: str
    def __init__(self, staff_member: _Optional[_Union[StaffMember, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetStaffMemberResponse(_message.Message):
    __slots__ = ("staff_member",)
    STAFF_MEMBER_FIELD_NUMBER: _ClassVar[int]
    staff_member: StaffMember
    def __init__(self, staff_member: _Optional[_Union[StaffMember, _Mapping]] = ...) -> None: ...

class Relation(_message.Message):
    __slots__ = ("relation_id", "staff_id", "profile_id", "kind", "source", "start_time", "end_time", "ended_by", "end_reason", "transferred_to")
    RELATION_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    END_REASON_FIELD_NUMBER: _ClassVar[int]
    TRANSFERRED_TO_FIELD_NUMBER: _ClassVar[int]
    relation_id: str
    staff_id: str
    profile_id: str
    kind: str
    source: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    ended_by: str
    end_reason: str
    transferred_to: str
    def __init__(self, relation_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., kind: _Optional[str] = ..., source: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_by: _Optional[str] = ..., end_reason: _Optional[str] = ..., transferred_to: _Optional[str] = ...) -> None: ...

class ListRelationsRequest(_message.Message):
    __slots__ = ("profile_id", "staff_id", "active_only", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    staff_id: str
    active_only: bool
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., active_only: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRelationsResponse(_message.Message):
    __slots__ = ("relations", "next_page_token")
    RELATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    relations: _containers.RepeatedCompositeFieldContainer[Relation]
    next_page_token: str
    def __init__(self, relations: _Optional[_Iterable[_Union[Relation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AddRelationRequest(_message.Message):
    __slots__ = ("profile_id", "staff_id", "kind", "start_time", "source", "request_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    staff_id: str
    kind: str
    start_time: _timestamp_pb2.Timestamp
    source: str
    request_id: str
    def __init__(self, profile_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., kind: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AddRelationResponse(_message.Message):
    __slots__ = ("relation",)
    RELATION_FIELD_NUMBER: _ClassVar[int]
    relation: Relation
    def __init__(self, relation: _Optional[_Union[Relation, _Mapping]] = ...) -> None: ...

class EndRelationRequest(_message.Message):
    __slots__ = ("profile_id", "relation_id", "ended_by", "reason", "request_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RELATION_ID_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    relation_id: str
    ended_by: str
    reason: str
    request_id: str
    def __init__(self, profile_id: _Optional[str] = ..., relation_id: _Optional[str] = ..., ended_by: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class EndRelationResponse(_message.Message):
    __slots__ = ("relation",)
    RELATION_FIELD_NUMBER: _ClassVar[int]
    relation: Relation
    def __init__(self, relation: _Optional[_Union[Relation, _Mapping]] = ...) -> None: ...

class TransferRelationRequest(_message.Message):
    __slots__ = ("profile_id", "relation_id", "to_staff_id", "reason", "request_id")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RELATION_ID_FIELD_NUMBER: _ClassVar[int]
    TO_STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    relation_id: str
    to_staff_id: str
    reason: str
    request_id: str
    def __init__(self, profile_id: _Optional[str] = ..., relation_id: _Optional[str] = ..., to_staff_id: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class TransferRelationResponse(_message.Message):
    __slots__ = ("relation",)
    RELATION_FIELD_NUMBER: _ClassVar[int]
    relation: Relation
    def __init__(self, relation: _Optional[_Union[Relation, _Mapping]] = ...) -> None: ...

class TransferStaffRelationsRequest(_message.Message):
    __slots__ = ("staff_id", "to_staff_id", "kind", "reason", "request_id")
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    TO_STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    to_staff_id: str
    kind: str
    reason: str
    request_id: str
    def __init__(self, staff_id: _Optional[str] = ..., to_staff_id: _Optional[str] = ..., kind: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class TransferStaffRelationsResponse(_message.Message):
    __slots__ = ("transferred", "more")
    TRANSFERRED_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    transferred: int
    more: bool
    def __init__(self, transferred: _Optional[int] = ..., more: _Optional[bool] = ...) -> None: ...

class Account(_message.Message):
    __slots__ = ("account_id", "name", "traits_json", "create_time", "update_time")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TRAITS_JSON_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    name: str
    traits_json: bytes
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, account_id: _Optional[str] = ..., name: _Optional[str] = ..., traits_json: _Optional[bytes] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListAccountsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAccountsResponse(_message.Message):
    __slots__ = ("accounts", "next_page_token")
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[Account]
    next_page_token: str
    def __init__(self, accounts: _Optional[_Iterable[_Union[Account, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetAccountRequest(_message.Message):
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    def __init__(self, account_id: _Optional[str] = ...) -> None: ...

class GetAccountResponse(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: Account
    def __init__(self, account: _Optional[_Union[Account, _Mapping]] = ...) -> None: ...

class SetAccountRequest(_message.Message):
    __slots__ = ("account_id", "traits_json", "request_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TRAITS_JSON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    traits_json: bytes
    request_id: str
    def __init__(self, account_id: _Optional[str] = ..., traits_json: _Optional[bytes] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetAccountResponse(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: Account
    def __init__(self, account: _Optional[_Union[Account, _Mapping]] = ...) -> None: ...

class AccountMember(_message.Message):
    __slots__ = ("profile_id", "identity_id", "role", "start_time", "end_time")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    identity_id: str
    role: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., identity_id: _Optional[str] = ..., role: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListAccountMembersRequest(_message.Message):
    __slots__ = ("account_id", "page_size", "page_token")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    page_size: int
    page_token: str
    def __init__(self, account_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAccountMembersResponse(_message.Message):
    __slots__ = ("members", "next_page_token")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[AccountMember]
    next_page_token: str
    def __init__(self, members: _Optional[_Iterable[_Union[AccountMember, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SetAccountMemberRequest(_message.Message):
    __slots__ = ("account_id", "profile_id", "role", "ended", "request_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    profile_id: str
    role: str
    ended: bool
    request_id: str
    def __init__(self, account_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., role: _Optional[str] = ..., ended: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetAccountMemberResponse(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: AccountMember
    def __init__(self, member: _Optional[_Union[AccountMember, _Mapping]] = ...) -> None: ...
