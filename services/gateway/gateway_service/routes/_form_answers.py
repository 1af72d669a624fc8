"""Forms as they are written and answered."""

from datetime import date
from typing import Annotated, Self

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from gateway_service.forms.definition import FormDefinition
from gateway_service.ingest.identifiers import MAX_ID_CHARS
from gateway_service.routes._answers import Moment
from gateway_service.store.forms import Published, StoredForm
from gateway_service.store.page_counts import Counted

Days = Annotated[int, Query(ge=1, le=366, description="How many days are shown one by one, today among them")]


class FormWriting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    """For those who work with it; events carry it as form_name."""
    definition: FormDefinition


class Form(BaseModel):
    form_id: str
    name: str
    state: str
    """draft, open or closed."""
    version: int
    """The newest that was published, which visitors see; 0: none yet."""
    etag: str
    url: str
    """Where visitors find it, once it is published."""
    embed: str
    """HTML that shows it inside a page of one of its hosts."""
    definition: FormDefinition
    """What is being written; visitors see it once it is published."""
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, form: StoredForm, base: str) -> Self:
        url = f"{base}/f/{form.token}"
        return cls(
            form_id=str(form.form_id),
            name=form.name,
            state=form.state,
            version=form.version,
            etag=str(form.revision),
            url=url,
            embed=f'<iframe src="{url}" width="100%" height="800" style="border:0" loading="lazy"></iframe>',
            definition=FormDefinition.model_validate(form.definition),
            created_at=form.created_at,
            updated_at=form.updated_at,
        )


class FormVersion(BaseModel):
    version: int
    definition: FormDefinition
    published_at: Moment
    published_by: str

    @classmethod
    def of(cls, one: Published) -> Self:
        return cls(
            version=one.version,
            definition=FormDefinition.model_validate(one.definition),
            published_at=one.published_at,
            published_by=one.published_by,
        )


class Deleted(BaseModel):
    deleted: bool = True


class Identifier(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")
    id: str = Field(min_length=1, max_length=MAX_ID_CHARS)
    scope: str = Field(default="", max_length=MAX_ID_CHARS)


class LinkWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    identifier: Identifier


class PersonalLink(BaseModel):
    url: str
    """Answers that are given there are of the person who has the identifier. It cannot be read from the address."""


class FormDay(BaseModel):
    date: str
    """UTC."""
    views: int
    submissions: int


class FormStatistics(BaseModel):
    views: int
    submissions: int
    conversion: float | None
    """Submissions a view; null before the first view."""
    dropped: int
    """Answers of programs, which are not kept."""
    days: list[FormDay]
    """Newest first."""

    @classmethod
    def of(cls, views: tuple[Counted, dict[date, Counted]], taken: tuple[int, dict[date, int]]) -> Self:
        """All there are, and by day."""
        (seen, seen_on), (answers, answers_on) = views, taken
        return cls(
            views=seen.views,
            submissions=answers,
            conversion=answers / seen.views if seen.views else None,
            dropped=seen.dropped,
            days=[
                FormDay(
                    date=day.isoformat(),
                    views=seen_on.get(day, Counted()).views,
                    submissions=answers_on.get(day, 0),
                )
                for day in sorted({*seen_on, *answers_on}, reverse=True)
            ],
        )
