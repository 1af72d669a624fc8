"""Forms: written, published, closed, counted. Visitors meet them in form_pages.py."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Request
from waypost.profile.v1 import preview_service_pb2 as preview_pb

from gateway_service.auth import needs
from gateway_service.forms import personal_link
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import Remote, key_reused, mutation_id
from gateway_service.routes import _etags
from gateway_service.routes._answers import PROBLEMS, Page, PageSize, PageToken
from gateway_service.routes._consent_words import check_boxes
from gateway_service.routes._etags import CHANGED_MEANWHILE, IfMatch
from gateway_service.routes._form_answers import (
    Days,
    Deleted,
    Form,
    FormStatistics,
    FormVersion,
    FormWriting,
    LinkWanted,
    PersonalLink,
)
from gateway_service.store import forms as store
from gateway_service.store import page_counts, submissions
from gateway_service.store.forms import Published, StoredForm
from gateway_service.store.keys import Credential
from gateway_service.store.public_links import new_token

Reader = Annotated[Credential, Depends(needs("forms:read"))]
Writer = Annotated[Credential, Depends(needs("forms:write"))]


def router(
    database: Database, remote: Remote, ciphers: Ciphers, pages: Pages, clock: Clock, base: str
) -> APIRouter:
    routes = APIRouter(prefix="/v1/forms", tags=["forms"], responses=PROBLEMS)
    _add_reads(routes, database, pages, clock, base)
    _add_changes(routes, database, remote, clock, base)
    _add_states(routes, database, clock, base)

    @routes.post("/{form_id}:link")
    async def make_form_link(form_id: str, body: LinkWanted, credential: Writer) -> PersonalLink:
        async with database.transaction(credential.workspace_id) as tx:
            form = await _get(tx, form_id)
        named = body.identifier
        asked = preview_pb.CheckedIdentifier(type=named.type, scope=named.scope, value=named.id)
        request = preview_pb.CheckIdentifiersRequest(identifiers=[asked])
        for one in (await remote.call("profile", "CheckIdentifiers", request, credential)).refused:
            fault = FieldError(pointer="/identifier", reason=one.reason, detail=one.detail)
            raise Problem(400, "FIELD_INVALID", one.detail, errors=[fault])
        cipher = ciphers.of(credential.workspace_id)
        token = personal_link.seal(cipher, form.form_id, named.model_dump())
        return PersonalLink(url=f"{base}/f/{form.token}?p={token}")

    return routes


def _add_reads(routes: APIRouter, database: Database, pages: Pages, clock: Clock, base: str) -> None:
    @routes.get("")
    async def list_forms(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Form]:
        """Newest first."""
        size = pages.size(page_size, 50, 200)
        bound = ("forms", str(credential.workspace_id))
        after = pages.position(page_token, *bound)
        async with database.transaction(credential.workspace_id) as tx:
            found = await store.page(tx, size + 1, UUID(after) if after else None)
        token = pages.token(str(found[size - 1].form_id), *bound) if len(found) > size else ""
        return Page[Form](items=[Form.of(one, base) for one in found[:size]], next_page_token=token)

    @routes.get("/{form_id}")
    async def get_form(form_id: str, credential: Reader) -> Form:
        async with database.transaction(credential.workspace_id) as tx:
            return Form.of(await _get(tx, form_id), base)

    @routes.get("/{form_id}/versions")
    async def list_form_versions(
        form_id: str, credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[FormVersion]:
        """What was published, newest first."""
        size = pages.size(page_size, 20, 100)
        bound = ("form-versions", str(credential.workspace_id), form_id)
        before = pages.position(page_token, *bound)
        async with database.transaction(credential.workspace_id) as tx:
            form = await _get(tx, form_id)
            found = await store.versions(tx, form.form_id, size + 1, before)
        token = pages.token(found[size - 1].version, *bound) if len(found) > size else ""
        return Page[FormVersion](items=[FormVersion.of(one) for one in found[:size]], next_page_token=token)

    @routes.get("/{form_id}/statistics")
    async def get_form_statistics(form_id: str, credential: Reader, days: Days = 30) -> FormStatistics:
        """Views are counted a second late. The answers themselves are events in people's time lines."""
        since = clock.now().date() - timedelta(days=days - 1)
        async with database.transaction(credential.workspace_id) as tx:
            form = await _get(tx, form_id)
            views = await page_counts.of(tx, form.form_id, since)
            taken = await submissions.of_form(tx, form.form_id, since)
        return FormStatistics.of(views, taken)


def _add_changes(routes: APIRouter, database: Database, remote: Remote, clock: Clock, base: str) -> None:
    @routes.post("", status_code=201)
    async def create_form(body: FormWriting, request: Request, credential: Writer) -> Form:
        """A draft, which visitors do not see."""
        await check_boxes(remote, credential, body.definition.consents)
        form_id, now = UUID(mutation_id(request, credential)), clock.now()
        wanted = StoredForm(form_id, new_token(), body.name, "draft", 1, 0, _stored(body), now, now)
        async with database.transaction(credential.workspace_id) as tx:
            made = await store.add(tx, wanted)
        if made.revision == 1 and (made.name, made.definition) != (wanted.name, wanted.definition):
            raise key_reused()
        return Form.of(made, base)

    @routes.put("/{form_id}", responses=CHANGED_MEANWHILE)
    async def replace_form(
        form_id: str, body: FormWriting, credential: Writer, if_match: IfMatch = ""
    ) -> Form:
        """Visitors go on seeing the published version until this one is published."""
        await check_boxes(remote, credential, body.definition.consents)
        async with database.transaction(credential.workspace_id) as tx:
            form = await _get(tx, form_id, lock=True)
            _etags.check(if_match, form.revision)
            return Form.of(await store.replace(tx, form.form_id, body.name, _stored(body), clock.now()), base)

    @routes.delete("/{form_id}", responses=CHANGED_MEANWHILE)
    async def delete_form(form_id: str, credential: Writer, if_match: IfMatch = "") -> Deleted:
        """With its versions and numbers. What people answered stays with them."""
        async with database.transaction(credential.workspace_id) as tx:
            form = await _get(tx, form_id, lock=True)
            _etags.check(if_match, form.revision)
            if form.state == "open":
                raise Problem(409, "STATE_CONFLICT", "the form is open: close it first")
            await store.remove(tx, form.form_id)
        return Deleted()


def _add_states(routes: APIRouter, database: Database, clock: Clock, base: str) -> None:
    @routes.post("/{form_id}:publish", responses=CHANGED_MEANWHILE)
    async def publish_form(form_id: str, credential: Writer, if_match: IfMatch = "") -> Form:
        """Opens it, or opens it again. What was written since the last version becomes a version of its own."""
        now = clock.now()
        async with database.transaction(credential.workspace_id) as tx:
            form = await _get(tx, form_id, lock=True)
            _etags.check(if_match, form.revision)
            newest = await store.version(tx, form.form_id, form.version)
            version = form.version
            if newest is None or newest.definition != form.definition:
                version += 1
                await store.publish(
                    tx, form.form_id, Published(version, form.definition, now, credential.name)
                )
            if (version, "open") != (form.version, form.state):
                form = await store.set_state(tx, form.form_id, "open", version, now)
        return Form.of(form, base)

    @routes.post("/{form_id}:close", responses=CHANGED_MEANWHILE)
    async def close_form(form_id: str, credential: Writer, if_match: IfMatch = "") -> Form:
        """Visitors are told that it is closed."""
        async with database.transaction(credential.workspace_id) as tx:
            form = await _get(tx, form_id, lock=True)
            _etags.check(if_match, form.revision)
            if form.state == "draft":
                raise Problem(409, "STATE_CONFLICT", "the form is a draft: it was never open")
            if form.state == "open":
                form = await store.set_state(tx, form.form_id, "closed", form.version, clock.now())
        return Form.of(form, base)


def _stored(body: FormWriting) -> dict[str, Any]:
    return body.definition.model_dump(mode="json")


async def _get(tx: Tx, form_id: str, *, lock: bool = False) -> StoredForm:
    try:
        found = await store.get(tx, UUID(form_id), lock=lock)
    except ValueError:
        found = None
    if found is None:
        raise Problem(404, "NOT_FOUND", "no form has that id")
    return found
