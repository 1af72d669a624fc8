"""Accounts and their members, as gRPC calls."""

from typing import Any
from uuid import UUID

import msgspec
from chassis import context
from chassis.clock import Clock, to_ms
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid, new_id
from chassis.paging import Pages
from rules import fold
from survivorship import Stamp
from waypost.profile.v1 import directory_service_pb2 as pb

from profile_service.api import listing
from profile_service.api.changing import change
from profile_service.domain.personal import separate
from profile_service.folding import fold_json
from profile_service.queries import people
from profile_service.store import accounts, identifiers
from profile_service.store.accounts import Join
from profile_service.store.declared import Declarations
from profile_service.usecases.keep_accounts import state_accounts
from profile_service.usecases.merge_traits import Statement

BY_CALL = "api"
"""The source of what a call states."""


class AccountCalls:
    _database: Database
    _ciphers: Ciphers
    _pages: Pages
    _clock: Clock
    _declarations: Declarations

    async def ListAccounts(self, request: pb.ListAccountsRequest, _context: Any) -> pb.ListAccountsResponse:
        size, after = listing.asked(self._pages, request, "accounts")
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await accounts.page(tx, after or "", size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda row: row["account_id"], "accounts")
        return pb.ListAccountsResponse(accounts=map(_account, page), next_page_token=token)

    async def GetAccount(self, request: pb.GetAccountRequest, _context: Any) -> pb.GetAccountResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            return pb.GetAccountResponse(account=_account(await _found(tx, fold(request.account_id))))

    async def SetAccount(self, request: pb.SetAccountRequest, _context: Any) -> pb.SetAccountResponse:
        account_id, now = fold(request.account_id), self._clock.now()
        cipher = self._ciphers.of(context.current().workspace_id)
        try:
            traits = msgspec.json.decode(fold_json(request.traits_json), type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise InvalidArgument("traits must be a JSON object", field="traits") from error

        async def work(tx: Tx) -> pb.SetAccountResponse:
            declared = await self._declarations.current(tx)
            allowed = declared.personal.allowed | {"name"}
            parted = separate(traits, allowed, declared.personal.added)
            rank = declared.ranks.get(BY_CALL, 0)
            stamp = Stamp(rank, to_ms(now), request.request_id or str(new_id()), BY_CALL)
            said = {account_id: [Statement(stamp, parted.public, parted.held_back)]}
            await state_accounts(tx, said, cipher, declared, now)
            return pb.SetAccountResponse(account=_account(await accounts.get(tx, account_id)))

        return await change(self._database, request, pb.SetAccountResponse, work)

    async def ListAccountMembers(
        self, request: pb.ListAccountMembersRequest, _context: Any
    ) -> pb.ListAccountMembersResponse:
        account_id = fold(request.account_id)
        place = ("account_members", account_id)
        size, position = listing.asked(self._pages, request, *place)
        after = UUID(position) if position else None
        async with self._database.transaction(context.current().workspace_id) as tx:
            await _found(tx, account_id)
            rows = await accounts.members(tx, account_id, after, size + 1)
        page, token = listing.cut(self._pages, rows, size, lambda row: str(row["identity_id"]), *place)
        members = [_member(row, row["profile_id"]) for row in page]
        return pb.ListAccountMembersResponse(members=members, next_page_token=token)

    async def SetAccountMember(
        self, request: pb.SetAccountMemberRequest, _context: Any
    ) -> pb.SetAccountMemberResponse:
        asked, now = argument_uuid(request.profile_id, "profile_id"), self._clock.now()

        account_id = fold(request.account_id)

        async def work(tx: Tx) -> pb.SetAccountMemberResponse:
            await _found(tx, account_id)
            profile_id = await people.resolve(tx, asked)
            if profile_id is None:
                raise NotFound("no person has this id", kind="profile")
            ids = [row["identity_id"] for row in await people.identities(tx, profile_id)]
            if request.ended:
                await accounts.end(tx, ids, account_id, now)
            elif not await accounts.set_role(tx, ids, account_id, request.role, now):
                holder = (await identifiers.current(tx, [asked]))[asked].held_by
                await accounts.join(tx, [Join(holder, account_id, now)])
                await accounts.set_role(tx, [holder], account_id, request.role, now)
            row = await accounts.member(tx, ids, account_id)
            if row is None:
                raise NotFound("the person is not of this account", kind="account_member")
            return pb.SetAccountMemberResponse(member=_member(row, profile_id))

        return await change(self._database, request, pb.SetAccountMemberResponse, work)


async def _found(tx: Tx, account_id: str) -> Any:
    row = await accounts.get(tx, account_id)
    if row is None:
        raise NotFound("there is no account with this id", kind="account")
    return row


def _account(row: Any) -> pb.Account:
    name = row["traits"].get("name")
    account = pb.Account(
        account_id=row["account_id"],
        name=name if isinstance(name, str) else "",
        traits_json=msgspec.json.encode(row["traits"]),
    )
    account.create_time.FromDatetime(row["created_at"])
    account.update_time.FromDatetime(row["updated_at"])
    return account


def _member(row: Any, profile_id: UUID) -> pb.AccountMember:
    member = pb.AccountMember(
        profile_id=str(profile_id), identity_id=str(row["identity_id"]), role=row["role"]
    )
    member.start_time.FromDatetime(row["joined_first"])
    if row["ended"] is not None:
        member.end_time.FromDatetime(row["ended"])
    return member
