"""Members and their roles: people who come with a token of the company's identity provider."""

from typing import Annotated, Self
from uuid import UUID

from chassis.clock import Clock
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway_service.auth import needs
from gateway_service.members import Logins, Members
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import key_reused, mutation_id
from gateway_service.roles import ROLES
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken
from gateway_service.routes._rights import MOST_UNITS, check_units, check_within
from gateway_service.store import members as store
from gateway_service.store.keys import Credential
from gateway_service.store.members import MemberStore

Reader = Annotated[Credential, Depends(needs("members:read"))]
Writer = Annotated[Credential, Depends(needs("members:write"))]
_EMAIL = r"^[^@\s]{1,64}@[^@\s]{1,255}$"


class Invitation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320, pattern=_EMAIL)
    """As the identity provider verifies it; counts until the first visit, from then on its own id of the person does."""
    name: str = Field(default="", max_length=200)
    role: str = Field(max_length=64)
    org_units: list[str] = Field(default_factory=list, max_length=MOST_UNITS)
    """Confines the member to what these org units may see; none: the whole workspace."""


class MemberChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    role: str | None = Field(default=None, max_length=64)
    org_units: list[str] | None = Field(default=None, max_length=MOST_UNITS)


class Member(BaseModel):
    member_id: str
    email: str
    name: str
    role: str
    org_units: list[str]
    state: str
    """invited, or active from the first visit on."""
    created_at: Moment
    created_by: str
    updated_at: Moment

    @classmethod
    def of(cls, member: store.Member) -> Self:
        return cls(
            member_id=str(member.member_id),
            email=member.email,
            name=member.name,
            role=member.role,
            org_units=list(member.org_units),
            state="active" if member.bound else "invited",
            created_at=member.created_at,
            created_by=member.created_by,
            updated_at=member.updated_at,
        )


class Words(BaseModel):
    en: str
    zh: str


class RoleAnswer(BaseModel):
    role: str
    scopes: list[str]
    label: Words
    description: Words


class Roles(BaseModel):
    items: list[RoleAnswer]


def router(
    stored: MemberStore, members: Members | None, logins: Logins, pages: Pages, clock: Clock
) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["access"], responses=PROBLEMS)
    _add_reads(routes, stored, pages)
    _add_changes(routes, stored, members, logins, clock)
    return routes


def _add_reads(routes: APIRouter, stored: MemberStore, pages: Pages) -> None:
    @routes.get("/roles")
    async def list_roles(credential: Reader) -> Roles:
        return Roles(
            items=[
                RoleAnswer(
                    role=name,
                    scopes=sorted(role.scopes),
                    label=Words(en=role.label[0], zh=role.label[1]),
                    description=Words(en=role.description[0], zh=role.description[1]),
                )
                for name, role in ROLES.items()
            ]
        )

    @routes.get("/members")
    async def list_workspace_members(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Member]:
        size = pages.size(page_size, 50, 200)
        bound = ("members", str(credential.workspace_id))
        after = pages.position(page_token, *bound)
        found = await stored.page(credential.workspace_id, size + 1, UUID(after) if after else None)
        token = pages.token(str(found[size - 1].member_id), *bound) if len(found) > size else ""
        return Page[Member](items=[Member.of(member) for member in found[:size]], next_page_token=token)

    @routes.get("/members/{member_id}")
    async def get_member(member_id: str, credential: Reader) -> Member:
        return Member.of(await _get(stored, credential, member_id))


def _add_changes(
    routes: APIRouter, stored: MemberStore, members: Members | None, logins: Logins, clock: Clock
) -> None:
    @routes.post("/members", status_code=201)
    async def invite_member(body: Invitation, request: Request, credential: Writer) -> Member:
        units = check_units(body.org_units)
        check_within(credential, _scopes(body.role), units)
        now = clock.now()
        invited = store.Member(
            member_id=UUID(mutation_id(request, credential)),
            email=body.email,
            name=body.name,
            role=body.role,
            org_units=units,
            bound=False,
            created_at=now,
            created_by=credential.name,
            updated_at=now,
        )
        try:
            made = await stored.invite(credential.workspace_id, invited, logins.of_email(body.email))
        except store.EmailTaken as error:
            errors = [FieldError(pointer="/email", reason="taken")]
            raise Problem(
                409, "EMAIL_TAKEN", "a member with that address exists; change that one", errors=errors
            ) from error
        if (made.email, made.role, list(made.org_units)) != (body.email, body.role, units):
            raise key_reused()
        _forget(members)
        return Member.of(made)

    @routes.patch("/members/{member_id}")
    async def change_member(member_id: str, body: MemberChange, credential: Writer) -> Member:
        present = await _get(stored, credential, member_id)
        units = None if body.org_units is None else check_units(body.org_units)
        check_within(credential, _held(present), present.org_units)
        check_within(
            credential,
            _scopes(body.role) if body.role else _held(present),
            present.org_units if units is None else units,
        )
        try:
            changed = await stored.change(
                credential.workspace_id, present.member_id, body.role, units, clock.now()
            )
        except store.NoSuchMember as error:
            raise _nobody() from error
        except store.LastOwner as error:
            raise _last_owner() from error
        _forget(members)
        return Member.of(changed)

    @routes.delete("/members/{member_id}")
    async def remove_member(member_id: str, credential: Writer) -> Member:
        """Answers who it was."""
        present = await _get(stored, credential, member_id)
        check_within(credential, _held(present), present.org_units)
        try:
            await stored.remove(credential.workspace_id, present.member_id)
        except store.NoSuchMember as error:
            raise _nobody() from error
        except store.LastOwner as error:
            raise _last_owner() from error
        _forget(members)
        return Member.of(present)


async def _get(stored: MemberStore, credential: Credential, member_id: str) -> store.Member:
    try:
        return await stored.get(credential.workspace_id, UUID(member_id))
    except (ValueError, store.NoSuchMember) as error:
        raise _nobody() from error


def _scopes(role: str) -> frozenset[str]:
    if role not in ROLES:
        errors = [FieldError(pointer="/role", reason="unknown_role")]
        raise Problem(400, "ROLE_UNKNOWN", f"roles are {', '.join(ROLES)}", errors=errors)
    return ROLES[role].scopes


def _held(member: store.Member) -> frozenset[str]:
    return ROLES[member.role].scopes if member.role in ROLES else frozenset()


def _forget(members: Members | None) -> None:
    if members:
        members.forget()


def _nobody() -> Problem:
    return Problem(404, "NOT_FOUND", "no member has that id")


def _last_owner() -> Problem:
    return Problem(
        409, "LAST_OWNER", "without this owner nobody could give out rights; make another owner first"
    )
