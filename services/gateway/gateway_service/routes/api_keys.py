"""Keys: made, listed, replaced, ended. A key is shown once, when it is made."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from chassis.clock import Clock
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway_service.auth import Keys, caller, needs
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import key_reused, mutation_id
from gateway_service.roles import INGESTION
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken
from gateway_service.routes._rights import MOST_UNITS, check_known, check_units, check_within
from gateway_service.store import keys as store
from gateway_service.store.keys import Credential, KeyStore, new_key

Reader = Annotated[Credential, Depends(needs("keys:read"))]
Writer = Annotated[Credential, Depends(needs("keys:write"))]
MOST_OVERLAP_H = 30 * 24


class NewKey(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    kind: Literal["write", "secret"]
    scopes: list[str] = Field(default_factory=list, max_length=100)
    """Of a secret key; a write key sends events and nothing else."""
    org_units: list[str] = Field(default_factory=list, max_length=MOST_UNITS)
    """Confines a secret key to what these org units may see, and a write key's events to them; none: no confinement."""
    expires_in_days: int | None = Field(default=None, ge=1, le=3650)


class Rotation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    overlap_hours: int = Field(default=24, ge=0, le=MOST_OVERLAP_H)
    """How long the old key works beside its successor."""


class ApiKey(BaseModel):
    key_id: str
    name: str
    kind: str
    state: str
    """active, expired or revoked."""
    scopes: list[str]
    org_units: list[str]
    hint: str
    """The key's last four characters."""
    created_at: Moment
    created_by: str
    expires_at: Moment | None
    last_used_at: Moment | None
    """To the minute or so."""
    revoked_at: Moment | None

    @classmethod
    def of(cls, stored: store.Key, now: datetime, **more: str | None) -> Self:
        return cls(
            key_id=str(stored.key_id),
            name=stored.name,
            kind=stored.kind,
            state=stored.state(now),
            scopes=list(stored.scopes),
            org_units=list(stored.org_units),
            hint=stored.hint,
            created_at=stored.created_at,
            created_by=stored.created_by,
            expires_at=stored.expires_at,
            last_used_at=stored.last_used_at,
            revoked_at=stored.revoked_at,
            **more,
        )


class MadeKey(ApiKey):
    key: str | None
    """Shown now and never again; null when an Idempotency-Key names a key made before."""


class Caller(BaseModel):
    """Whom the credential of this very call stands for."""

    workspace_id: str
    kind: str
    name: str
    scopes: list[str]
    org_units: list[str]
    expires_at: Moment | None


def router(stored: KeyStore, known: Keys, pages: Pages, clock: Clock) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["access"], responses=PROBLEMS)
    _add_reads(routes, stored, pages, clock)
    _add_changes(routes, stored, known, clock)
    return routes


def _add_reads(routes: APIRouter, stored: KeyStore, pages: Pages, clock: Clock) -> None:
    @routes.get("/me")
    async def who_am_i(credential: Annotated[Credential, Depends(caller())]) -> Caller:
        return Caller(
            workspace_id=str(credential.workspace_id),
            kind=credential.kind,
            name=credential.name,
            scopes=sorted(credential.scopes),
            org_units=list(credential.org_units),
            expires_at=credential.expires_at,
        )

    @routes.get("/api-keys")
    async def list_api_keys(
        credential: Reader,
        state: Annotated[Literal["active", "all"], Query()] = "active",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[ApiKey]:
        size = pages.size(page_size, 50, 200)
        bound = ("api-keys", str(credential.workspace_id), state)
        after = pages.position(page_token, *bound)
        found = await stored.page(
            credential.workspace_id, size + 1, UUID(after) if after else None, all_states=state == "all"
        )
        more = len(found) > size
        token = pages.token(str(found[size - 1].key_id), *bound) if more else ""
        return Page[ApiKey](
            items=[ApiKey.of(key, clock.now()) for key in found[:size]], next_page_token=token
        )

    @routes.get("/api-keys/{key_id}")
    async def get_api_key(key_id: str, credential: Reader) -> ApiKey:
        return ApiKey.of(await _get(stored, credential, _id(key_id)), clock.now())


def _add_changes(routes: APIRouter, stored: KeyStore, known: Keys, clock: Clock) -> None:
    @routes.post("/api-keys", status_code=201)
    async def create_api_key(body: NewKey, request: Request, credential: Writer) -> MadeKey:
        """A name stands for one key, or for two while the one replaces the other."""
        wanted = _wanted(body, credential, clock.now())
        key, key_id = new_key(body.kind), UUID(mutation_id(request, credential))
        try:
            made = await stored.create(credential.workspace_id, key_id, key, wanted)
        except store.NameTaken as error:
            raise Problem(
                409,
                "NAME_TAKEN",
                f"a {body.kind} key named {body.name!r} works already; take another name, or rotate that key",
                errors=[FieldError(pointer="/name", reason="taken")],
            ) from error
        if (made.kind, made.name, made.scopes) != (wanted.kind, wanted.name, wanted.scopes):
            raise key_reused()
        return _made(made, key, clock)

    @routes.post("/api-keys/{key_id}:rotate", status_code=201)
    async def rotate_api_key(
        key_id: str, request: Request, credential: Writer, body: Rotation | None = None
    ) -> MadeKey:
        """A successor with the same name and rights. The old key goes on working for the overlap."""
        old = await _get(stored, credential, _id(key_id))
        check_within(credential, _handed_on(old), old.org_units)
        key, successor = new_key(old.kind), UUID(mutation_id(request, credential))
        overlap = timedelta(hours=(body or Rotation()).overlap_hours)
        try:
            made = await stored.rotate(
                credential.workspace_id, old.key_id, successor, key, credential.name, overlap
            )
        except store.NotWorking as error:
            raise Problem(
                409, "KEY_NOT_WORKING", "a key that has ended has no successor; make a new one"
            ) from error
        except store.TooManyActive as error:
            raise Problem(
                409, "KEYS_IN_ROTATION", "this key has a successor already; revoke one of the two first"
            ) from error
        known.forget()
        return _made(made, key, clock)

    @routes.post("/api-keys/{key_id}:revoke")
    async def revoke_api_key(key_id: str, credential: Writer) -> ApiKey:
        """Ends the key at once: here now, at other gateways within five seconds."""
        old = await _get(stored, credential, _id(key_id))
        check_within(credential, _handed_on(old), old.org_units)
        try:
            revoked = await stored.revoke(credential.workspace_id, old.key_id)
        except store.LastKey as error:
            raise Problem(
                409, "LAST_KEY", "without this key nobody could make another; make one, or an owner, first"
            ) from error
        known.forget()
        return ApiKey.of(revoked, clock.now())


async def _get(stored: KeyStore, credential: Credential, key_id: UUID) -> store.Key:
    try:
        return await stored.get(credential.workspace_id, key_id)
    except store.NoSuchKey as error:
        raise Problem(404, "NOT_FOUND", f"no key has the id {key_id}") from error


def _wanted(body: NewKey, credential: Credential, now: datetime) -> store.Wanted:
    if body.kind == "write" and body.scopes:
        errors = [FieldError(pointer="/scopes", reason="not_for_write_keys")]
        raise Problem(
            400, "FIELD_INVALID", "a write key sends events and nothing else: leave scopes out", errors=errors
        )
    if body.kind == "secret" and not body.scopes:
        errors = [FieldError(pointer="/scopes", reason="required")]
        raise Problem(400, "FIELD_INVALID", "a secret key needs scopes, or * for all", errors=errors)
    check_known(body.scopes)
    units = check_units(body.org_units)
    check_within(credential, body.scopes, units)
    ends = now + timedelta(days=body.expires_in_days) if body.expires_in_days else None
    scopes = sorted(set(body.scopes)) or [INGESTION]
    return store.Wanted(body.kind, body.name, scopes, units, credential.name, ends)


def _handed_on(key: store.Key) -> list[str]:
    """The scopes of another's key; everybody who makes keys may make write keys."""
    return list(key.scopes) if key.kind == "secret" else []


def _made(made: store.Key, key: str, clock: Clock) -> MadeKey:
    # The stored key is another one when this very call was answered before.
    shown = key if made.hint == key[-4:] else None
    return MadeKey.of(made, clock.now(), key=shown)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Problem(404, "NOT_FOUND", "no key has that id") from error
