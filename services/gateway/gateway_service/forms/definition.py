"""What a form asks, and what becomes of each answer."""

import re
from datetime import date, datetime
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

MOST_FIELDS = 50
MOST_OPTIONS = 100
MOST_CONSENTS = 10
MOST_HOSTS = 20
MOST_LABEL_CHARS = 500
MOST_TEXT_CHARS = 5_000
"""Of an answer."""
MOST_CONSENT_CHARS = 1_000
"""Of the text of a consent box; it is part of the proof."""
MOST_SUBMISSIONS = 10_000_000

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Kind = Literal[
    "text", "long_text", "phone", "email", "number", "date", "choice", "choices", "checkbox", "hidden"
]
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}(?::\d{1,5})?")
_OF_CONTACT_POINTS = frozenset({"phone", "email"})


def _host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise ValueError("a host in lower case, for example shop.example.com, with a port if need be")
    return host


Short = Annotated[str, Field(min_length=1, max_length=MOST_LABEL_CHARS)]
Words = Short | Annotated[dict[Language, Short], Field(min_length=1)]
"""A text, or one for each language."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Host = Annotated[str, AfterValidator(_host)]


class Option(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: str = Field(min_length=1, max_length=200)
    label: Words


class Question(BaseModel):
    """A field. Its answer becomes a trait, a property of the event, an identifier, or several of these."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    kind: Kind
    label: Words | None = None
    help: Words | None = None
    required: bool = False
    """Of a checkbox: it must be ticked."""
    options: list[Option] = Field(default_factory=list, max_length=MOST_OPTIONS)
    """Of choice and choices."""
    min: float | date | None = None
    """Least characters, number, day or choices."""
    max: float | date | None = None
    default: str = Field(default="", max_length=500)
    """Of a hidden field whose name is not in the address."""
    trait: str = Field(default="", max_length=256)
    """`phone` and `email` are contact points; they identify only where the workspace says that they are verified."""
    property: str = Field(default="", max_length=256)
    identifier: str = Field(default="", pattern=r"^([A-Za-z][A-Za-z0-9_.-]{0,63})?$")
    """Type of the identifier: whoever fills in the form is then taken to be who they say."""
    scope: str = Field(default="", max_length=512)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not (self.trait or self.property or self.identifier):
            raise ValueError("say what becomes of the answer: trait, property or identifier")
        if self.identifier in _OF_CONTACT_POINTS:
            raise ValueError(
                f"what is typed is not verified: give {self.identifier} as a trait; identity settings say "
                "whether it identifies"
            )
        if self.identifier and self.kind not in ("text", "hidden"):
            raise ValueError("an identifier is of kind text or hidden")
        if self.kind == "hidden":
            if self.required:
                raise ValueError("nobody can fill in what is hidden")
        elif self.label is None:
            raise ValueError("label is missing")
        self._check_options()
        self._check_bounds()
        return self

    def _check_options(self) -> None:
        if (self.kind in ("choice", "choices")) != bool(self.options):
            raise ValueError("choice and choices have options, other kinds have none")
        if len({option.value for option in self.options}) < len(self.options):
            raise ValueError("two options have the same value")

    def _check_bounds(self) -> None:
        bounds = [bound for bound in (self.min, self.max) if bound is not None]
        if bounds and self.kind in ("phone", "email", "choice", "checkbox", "hidden"):
            raise ValueError(f"{self.kind} has no min and max")
        if any(isinstance(bound, date) != (self.kind == "date") for bound in bounds):
            raise ValueError("min and max are days (2026-01-31) of a date, and numbers otherwise")
        if self.kind in ("text", "long_text", "choices") and any(
            not isinstance(b, float) or b < 0 or b != int(b) for b in bounds
        ):
            raise ValueError("min and max count characters or choices: whole numbers")
        if len(bounds) == 2 and bounds[0] > bounds[1]:  # type: ignore[operator]
            raise ValueError("min is more than max")


class ConsentBox(BaseModel):
    """A box to tick. Ticked, it is a grant in the ledger, with the text that was shown as proof."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    text: (
        Annotated[str, Field(min_length=1, max_length=MOST_CONSENT_CHARS)]
        | Annotated[
            dict[Language, Annotated[str, Field(min_length=1, max_length=MOST_CONSENT_CHARS)]],
            Field(min_length=1),
        ]
    )
    text_version: str = Field(min_length=1, max_length=128)
    channel: str = Field(default="", max_length=64)
    """May be empty for the purpose profiling alone."""
    purpose: str = Field(max_length=64)
    topic: str = Field(default="", max_length=128)
    org_unit: str = Field(default="", max_length=128)
    required: bool = False


class FormDefinition(BaseModel):
    model_config = ConfigDict(extra="forbid")

    languages: list[Language] = Field(default=["en"], min_length=1, max_length=len(LANGUAGES))
    """The first is shown to whom none is of use."""
    title: Words
    description: Words | None = None
    fields: list[Question] = Field(min_length=1, max_length=MOST_FIELDS)
    consents: list[ConsentBox] = Field(default_factory=list, max_length=MOST_CONSENTS)
    policy_url: str = Field(default="", max_length=2_000)
    """The privacy policy, below the consents; https."""
    submit_label: Words | None = None
    thanks: Words | None = None
    redirect_url: str = Field(default="", max_length=2_000)
    """Where to go instead of the thanks; https, and of one of the hosts."""
    hosts: list[Host] = Field(default_factory=list, max_length=MOST_HOSTS)
    """Pages of these may show the form and post to it, and it may lead there."""
    event: str = Field(default="Form Submitted", min_length=1, max_length=256)
    org_unit: str = Field(default="", max_length=128)
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    max_submissions: int | None = Field(default=None, ge=1, le=MOST_SUBMISSIONS)
    once_by: Name | None = None
    """The required field that tells who answers: each value answers once."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [*(q.name for q in self.fields), *(c.name for c in self.consents)]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two fields or consents are named {', '.join(sorted(twice))}")
        self._check_languages()
        if self.policy_url and not redirect_origin(self.policy_url):
            raise ValueError("policy_url is an https address")
        if self.redirect_url and redirect_origin(self.redirect_url) not in {
            f"https://{h}" for h in self.hosts
        }:
            raise ValueError("redirect_url is an https address of one of the hosts")
        if self.consents and any(question.identifier for question in self.fields):
            raise ValueError(
                "who may say that they are somebody must not agree in their name: leave the identifier or the "
                "consents out; a personal link says who answers"
            )
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            raise ValueError("opens_at is not before closes_at")
        if self.once_by and not any(q.name == self.once_by and q.required for q in self.fields):
            raise ValueError("once_by names a required field")
        return self

    def _check_languages(self) -> None:
        texts = [self.title, self.description, self.submit_label, self.thanks]
        for question in self.fields:
            texts += [question.label, question.help, *(option.label for option in question.options)]
        texts += [box.text for box in self.consents]
        for text in texts:
            if isinstance(text, dict) and (missing := set(self.languages) - text.keys()):
                raise ValueError(f"{next(iter(text.values()))!r} is missing in {', '.join(sorted(missing))}")


def redirect_origin(url: str) -> str:
    """`https://host` of an address; empty for one that is no plain https address."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and not parts.username and not parts.password
    except ValueError:
        return ""
    if not plain or "\\" in url or any(c <= " " for c in url) or not parts.hostname:
        return ""
    return f"https://{parts.netloc.lower()}"


def said(text: str | dict[Language, str] | None, language: Language) -> str:
    """The text in the language."""
    if text is None or isinstance(text, str):
        return text or ""
    return text[language]


def unavailable(definition: FormDefinition, state: str, submissions: int, now: datetime) -> str:
    """Why the form takes no answers now: closed, not_yet or full; empty when it does."""
    if state != "open" or (definition.closes_at and now >= definition.closes_at):
        return "closed"
    if definition.opens_at and now < definition.opens_at:
        return "not_yet"
    if definition.max_submissions is not None and submissions >= definition.max_submissions:
        return "full"
    return ""
