"""Forms for front ends of the company's own: an answer comes as JSON, becomes the fields that the page would have posted,
and is answered as JSON."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway_service import observed
from gateway_service.forms.answers import Posted
from gateway_service.forms.definition import said
from gateway_service.forms.door import FormDoor, OpenForm, Outcome
from gateway_service.forms.page_words import fault, word
from gateway_service.forms.submission import Visit
from gateway_service.problems import FieldError, Problem
from gateway_service.public_pages import ANONYMOUS_ID, MOST_NAMES

SUBMISSION, VERSION, LANGUAGE, PERSON, CODE = "_submission", "_version", "_language", "_person", "_code"
"""Fields of the page that the form does not ask for."""
Text = Annotated[str, Field(max_length=20_000)]
Answer = bool | int | float | Text | Annotated[list[Text], Field(max_length=MOST_NAMES)] | None


class PostedAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answers: dict[str, Answer] = Field(max_length=MOST_NAMES)
    consents: list[Text] = Field(default_factory=list, max_length=MOST_NAMES)
    """Names of the boxes that were ticked."""
    submission_id: UUID | Literal[""] = ""
    """A UUID: of two answers with the same one the first counts."""
    version: int | None = None
    """Which version of the form was shown; another one than is open now is refused."""
    language: str = Field(default="", max_length=16)
    ajs_aid: str = Field(default="", max_length=512)
    """The visitor's anonymous id on the company's site."""
    qr: str = Field(default="", max_length=64)
    p: str = Field(default="", max_length=8_192)
    campaign: dict[str, Text] = Field(default_factory=dict, max_length=20)
    """utm_source and so on."""


class Taken(BaseModel):
    submission_id: str
    thanks: str
    redirect_url: str
    ignored: list[str]
    """Pointers to answers and consents that the form does not ask for."""


def read(body: bytes) -> PostedAnswer:
    """Raises Problem 422."""
    try:
        return PostedAnswer.model_validate_json(body)
    except ValidationError as error:
        errors = [
            FieldError(pointer="/" + "/".join(map(str, one["loc"])), reason=one["type"], detail=one["msg"])
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise Problem(422, "FIELD_INVALID", "the answer was not understood", errors=errors) from error


def fields_of(given: PostedAnswer) -> dict[str, list[str]]:
    fields = {name: [value] for name, value in given.campaign.items()}
    fields |= {name: _texts(value) for name, value in given.answers.items()}
    fields |= {name: ["yes"] for name in given.consents}
    fields |= {
        SUBMISSION: [str(given.submission_id)],
        VERSION: ["" if given.version is None else str(given.version)],
        LANGUAGE: [given.language],
        PERSON: [given.p],
        CODE: [given.qr],
        ANONYMOUS_ID: [given.ajs_aid],
    }
    return fields


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return value
    if value is None or value is False:
        return []
    return ["yes" if value is True else str(value)]


def _ignored(given: PostedAnswer, form: OpenForm) -> list[str]:
    boxes = {box.name for box in form.definition.consents}
    asked = {question.name for question in form.definition.fields} | boxes
    return [
        *(f"/answers/{name}" for name in given.answers if name not in asked),
        *(f"/consents/{n}" for n, name in enumerate(given.consents) if name not in boxes),
    ]


async def answer(
    door: FormDoor, form: OpenForm, visit: Visit, given: PostedAnswer, posted: Posted, request: Request
) -> Response:
    """`posted`: what was given, as fields. Raises Problem for what is not taken."""
    headers = cors(form, request)
    if form.unavailable not in ("", "full"):
        raise Problem(409, "STATE_CONFLICT", word(form.unavailable, visit.language), headers=headers)
    if posted[VERSION][0] not in ("", str(form.version)):
        detail = f"the form is at version {form.version}; {word('changed', visit.language)}"
        raise Problem(409, "STATE_CONFLICT", detail, headers=headers)
    outcome = await door.submit(form, visit, posted, request.scope[observed.TRACEPARENT])
    if outcome.kind != "taken":
        raise _refused(outcome, visit, headers)
    taken = Taken(
        submission_id=str(visit.submission_id),
        thanks=said(form.definition.thanks, visit.language) or word("thanks", visit.language),
        redirect_url=form.definition.redirect_url,
        ignored=_ignored(given, form),
    )
    return Response(taken.model_dump_json(), media_type="application/json", headers=headers)


def cors(form: OpenForm, request: Request) -> dict[str, str]:
    """Pages of the form's hosts may post to it."""
    origin = request.headers.get("origin", "")
    if origin not in {f"https://{host}" for host in form.definition.hosts}:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Allow-Headers": "content-type",
        "Vary": "Origin",
    }


def _refused(outcome: Outcome, visit: Visit, headers: dict[str, str]) -> Problem:
    language = visit.language
    match outcome.kind:
        case "faulty":
            errors = [
                FieldError(pointer=f"/answers/{name}", reason=one.reason, detail=fault(one, language))
                for name, one in outcome.faults.items()
            ]
            return Problem(422, "FIELD_INVALID", word("check", language), errors=errors, headers=headers)
        case "later":
            return Problem(503, "BROKER_UNAVAILABLE", word("later", language), headers=headers)
        case "too_much":
            return Problem(413, "BODY_TOO_LARGE", word("too_much", language), headers=headers)
        case _:
            return Problem(409, "STATE_CONFLICT", word(outcome.kind, language), headers=headers)
