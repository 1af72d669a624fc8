"""A form's page, for whoever has its address. No key, no cookie and so nothing to forge; what is typed comes back with
every refusal."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from chassis.crypto import Ciphers
from chassis.database import FAILURES
from chassis.ids import derived_id
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway_service import observed
from gateway_service.admission import refusal
from gateway_service.forms import page, personal_link
from gateway_service.forms.answers import Posted, clean
from gateway_service.forms.definition import Language, said
from gateway_service.forms.door import FormDoor, OpenForm, Outcome
from gateway_service.forms.page import Filled
from gateway_service.forms.page_words import language_of, word
from gateway_service.forms.submission import CAMPAIGN, MOST_PARAMETER_CHARS, Visit
from gateway_service.forms.visits import DROPPED, VIEW, VisitBook
from gateway_service.problems import answer_of
from gateway_service.public_pages import (
    ANONYMOUS_ID,
    PublicRates,
    anonymous_id,
    body_of,
    fields_of,
    only_looks_ahead,
)
from gateway_service.qr_codes.scanned import Scanned
from gateway_service.routes import _form_json as form_json
from gateway_service.routes._answers import PROBLEMS
from gateway_service.routes._form_json import CODE, LANGUAGE, PERSON, SUBMISSION, VERSION

_STATUS = {"faulty": 422, "already": 409, "full": 409, "too_much": 413, "later": 503}
_NOTICED = ("too_much", "later")
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": form_json.Taken.model_json_schema()}}},
    303: {"description": "To the form's redirect_url"},
    413: answer_of("The answers are too long"),
    429: answer_of("Too many come from this address"),
}
_POSTED = {
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
            "application/json": {"schema": form_json.PostedAnswer.model_json_schema()},
        }
    }
}


class FormPages:
    def __init__(
        self, door: FormDoor, ciphers: Ciphers, rates: PublicRates, visits: VisitBook, scanned: Scanned
    ) -> None:
        self.door = door
        self.ciphers = ciphers
        self.rates = rates
        self.visits = visits
        self.scanned = scanned

    async def show(self, token: str, request: Request) -> Response:
        form = await self.door.find(token)
        language = _language(form, request, request.query_params.get("lang", ""))
        if form.unavailable:
            return _told(form, language, form.unavailable, 200)
        if not only_looks_ahead(request):
            self.visits.note(form.workspace_id, form.form_id, VIEW)
        query: Posted = {name: [value] for name, value in request.query_params.items()}
        back = {
            SUBMISSION: str(uuid4()),
            VERSION: str(form.version),
            LANGUAGE: language,
            PERSON: _one(query, "p"),
            CODE: _one(query, "qr"),
            ANONYMOUS_ID: anonymous_id(_one(query, ANONYMOUS_ID)),
        }
        return _form(form, language, Filled(_hidden(form, back, query)), 200)

    async def take(self, token: str, request: Request) -> Response:
        standing = self.rates.take_post(request.scope)
        body = await body_of(request)
        form = await self.door.find(token)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            if standing.wait:
                raise refusal(standing, "too much was sent from this address")
            given = form_json.read(body)
            posted = form_json.fields_of(given)
            visit = await self._visit(form, _language(form, request, _one(posted, LANGUAGE)), posted)
            return await form_json.answer(self.door, form, visit, given, posted, request)
        posted = fields_of(body)
        language = _language(form, request, _one(posted, LANGUAGE))
        # A full form has to know an answer that it has: it may come twice.
        if form.unavailable not in ("", "full"):
            return _told(form, language, form.unavailable, 409)
        if _one(posted, page.TRAP):
            return self._trapped(form, language)
        visit = await self._visit(form, language, posted)
        if standing.wait:
            answer = self._again(form, visit, posted, "too_often", 429)
            answer.headers["Retry-After"] = "5"
            return answer
        if _one(posted, VERSION) != str(form.version):
            return self._again(form, visit, posted, "changed", 409)
        try:
            outcome = await self.door.submit(form, visit, posted, request.scope[observed.TRACEPARENT])
        except FAILURES:
            outcome = Outcome("later")
        return self._answered(form, visit, posted, outcome)

    def _answered(self, form: OpenForm, visit: Visit, posted: Posted, outcome: Outcome) -> Response:
        if outcome.kind == "taken":
            return _thanks(form, visit.language)
        if outcome.kind in ("already", "full"):
            return _told(form, visit.language, outcome.kind, _STATUS[outcome.kind])
        filled = Filled(
            _hidden(form, _back(form, visit, posted), posted),
            posted,
            outcome.faults,
            outcome.kind if outcome.kind in _NOTICED else "",
        )
        answer = _form(form, visit.language, filled, _STATUS[outcome.kind])
        if outcome.kind == "later":
            answer.headers["Retry-After"] = "5"
        return answer

    def _again(self, form: OpenForm, visit: Visit, posted: Posted, notice: str, status: int) -> Response:
        hidden = _hidden(form, _back(form, visit, posted), posted)
        return _form(form, visit.language, Filled(hidden, posted, {}, notice), status)

    def _trapped(self, form: OpenForm, language: Language) -> Response:
        """A program learns nothing from the answer."""
        self.visits.note(form.workspace_id, form.form_id, DROPPED)
        return _thanks(form, language)

    async def _visit(self, form: OpenForm, language: Language, posted: Posted) -> Visit:
        submission_id = _uuid(_one(posted, SUBMISSION)) or uuid4()
        code = await self.scanned.find(_one(posted, CODE), form.workspace_id)
        cipher = self.ciphers.of(form.workspace_id)
        person = personal_link.open_(cipher, form.form_id, _one(posted, PERSON))
        return Visit(
            form_id=form.form_id,
            form_name=form.name,
            version=form.version,
            submission_id=submission_id,
            language=language,
            # Without one that was handed over each answer is of somebody new, the same one however often it comes.
            anonymous_id=anonymous_id(_one(posted, ANONYMOUS_ID))
            or str(derived_id("visitor", str(submission_id))),
            qr_code_id=code.qr_code_id if code else None,
            scanned=code.parameters if code else {},
            campaign=_campaign(posted),
            identifiers=(person,) if person else (),
        )


def router(pages: FormPages) -> APIRouter:
    routes = APIRouter(tags=["public pages"], responses=PROBLEMS)

    @routes.get("/f/{form_token}", response_class=HTMLResponse)
    async def show_form(
        form_token: str,
        request: Request,
        lang: Annotated[str, Query(max_length=16)] = "",
        qr: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        """The form as a page. Parameters of the campaign (`utm_…`), of hidden fields, `ajs_aid` and a personal link's
        `p` are carried into the answer."""
        pages.rates.take_view(request.scope)
        return await pages.show(form_token, request)

    @routes.post("/f/{form_token}", response_class=HTMLResponse, responses=_ANSWERED, openapi_extra=_POSTED)
    async def submit_form(form_token: str, request: Request) -> Response:
        """As the page posts it; a JSON body gets a JSON answer."""
        return await pages.take(form_token, request)

    @routes.options("/f/{form_token}", include_in_schema=False)
    async def form_preflight(form_token: str, request: Request) -> Response:
        pages.rates.take_view(request.scope)
        return Response(status_code=204, headers=form_json.cors(await pages.door.find(form_token), request))

    @routes.head("/f/{form_token}", include_in_schema=False)
    async def look_for_form(form_token: str, request: Request) -> Response:
        pages.rates.take_view(request.scope)
        form = await pages.door.find(form_token)
        return Response(headers=page.headers(form.definition), media_type="text/html")

    return routes


def _language(form: OpenForm, request: Request, asked: str) -> Language:
    return language_of(form.definition.languages, asked, request.headers.get("accept-language", ""))


def _form(form: OpenForm, language: Language, filled: Filled, status: int) -> Response:
    shown = page.asking(form.definition, language, filled)
    return HTMLResponse(shown, status, headers=page.headers(form.definition))


def _told(form: OpenForm, language: Language, key: str, status: int) -> Response:
    shown = page.telling(form.definition, language, word(key, language))
    return HTMLResponse(shown, status, headers=page.headers(form.definition))


def _thanks(form: OpenForm, language: Language) -> Response:
    if form.definition.redirect_url:
        return RedirectResponse(form.definition.redirect_url, 303, headers=page.headers(form.definition))
    text = said(form.definition.thanks, language) or word("thanks", language)
    shown = page.telling(form.definition, language, text)
    return HTMLResponse(shown, headers=page.headers(form.definition))


def _back(form: OpenForm, visit: Visit, posted: Posted) -> dict[str, str]:
    """What a page that is shown again carries: the same submission, of the version that is shown now."""
    same = {name: _one(posted, name) for name in (PERSON, CODE, ANONYMOUS_ID)}
    own = {SUBMISSION: str(visit.submission_id), VERSION: str(form.version), LANGUAGE: visit.language}
    return {**own, **same}


def _hidden(form: OpenForm, back: dict[str, str], given: Posted) -> list[tuple[str, str]]:
    """With what the address said of the campaign and of hidden fields."""
    names = dict.fromkeys((*(q.name for q in form.definition.fields if q.kind == "hidden"), *CAMPAIGN))
    carried = {name: _one(given, name)[:MOST_PARAMETER_CHARS] for name in names}
    return [(name, value) for name, value in {**carried, **back}.items() if value]


def _campaign(posted: Posted) -> dict[str, str]:
    found = {name: clean(_one(posted, name))[:MOST_PARAMETER_CHARS] for name in CAMPAIGN}
    return {name: value for name, value in found.items() if value}


def _one(given: Posted, name: str) -> str:
    return next(iter(given.get(name, ())), "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
