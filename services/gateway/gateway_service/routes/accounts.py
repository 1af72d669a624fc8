"""Accounts: companies and other groups that people belong to."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import directory_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.ingest.decode import MAX_FIELDS, MAX_NAME_CHARS
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import (
    PROBLEMS,
    JsonObject,
    Moment,
    Page,
    PageSize,
    PageToken,
    given,
    json_bytes,
    json_of,
    moment,
)
from gateway_service.routes._people import identity_id_of
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read"))]
Writer = Annotated[Credential, Depends(needs("profiles:write"))]
MAX_ROLE_CHARS = 64


class AccountStatement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    account_id: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    """The `groupId` of group calls."""
    traits: JsonObject = Field(default_factory=dict, max_length=MAX_FIELDS)
    """`name` among them; null removes one, others stay."""


class Account(BaseModel):
    account_id: str
    name: str
    traits: JsonObject
    """Without personal ones."""
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, account: pb.Account) -> Self:
        return cls(
            account_id=account.account_id,
            name=account.name,
            traits=json_of(account.traits_json),
            created_at=given(account, "create_time"),
            updated_at=given(account, "update_time"),
        )


class Membership(BaseModel):
    model_config = ConfigDict(extra="forbid")

    profile: str = Field(min_length=1, max_length=1200)
    role: str = Field(default="", max_length=MAX_ROLE_CHARS)
    ended: bool = False
    """Ends it, now."""


class AccountMember(BaseModel):
    profile_id: str
    identity_id: str
    role: str
    since: Moment
    until: Moment | None

    @classmethod
    def of(cls, member: pb.AccountMember) -> Self:
        return cls(
            profile_id=member.profile_id,
            identity_id=member.identity_id,
            role=member.role,
            since=given(member, "start_time"),
            until=moment(member, "end_time"),
        )


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1/accounts", tags=["accounts"], responses=PROBLEMS)

    @routes.get("")
    async def list_accounts(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Account]:
        """By id."""
        message = pb.ListAccountsRequest(page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListAccounts", message, credential)
        return Page[Account](
            items=[Account.of(one) for one in answer.accounts], next_page_token=answer.next_page_token
        )

    @routes.put("")
    async def set_account(body: AccountStatement, request: Request, credential: Writer) -> Account:
        """Makes it, or states some of its traits."""
        message = pb.SetAccountRequest(
            account_id=body.account_id,
            traits_json=json_bytes(body.traits),
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("profile", "SetAccount", message, credential)
        return Account.of(answer.account)

    @routes.get("/{account_id}")
    async def get_account(account_id: str, credential: Reader) -> Account:
        message = pb.GetAccountRequest(account_id=account_id)
        return Account.of((await remote.call("profile", "GetAccount", message, credential)).account)

    @routes.get("/{account_id}/members")
    async def list_account_members(
        account_id: str, credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[AccountMember]:
        """Each identity that joined by itself."""
        message = pb.ListAccountMembersRequest(
            account_id=account_id, page_size=page_size, page_token=page_token
        )
        answer = await remote.call("profile", "ListAccountMembers", message, credential)
        return Page[AccountMember](
            items=[AccountMember.of(one) for one in answer.members], next_page_token=answer.next_page_token
        )

    @routes.put("/{account_id}/members")
    async def set_account_member(
        account_id: str, body: Membership, request: Request, credential: Writer
    ) -> AccountMember:
        message = pb.SetAccountMemberRequest(
            account_id=account_id,
            profile_id=await identity_id_of(remote, credential, body.profile, "/profile"),
            role=body.role,
            ended=body.ended,
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("profile", "SetAccountMember", message, credential)
        return AccountMember.of(answer.member)

    return routes
