"""Long work: what it is doing, how far it is, how it ended."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

import msgspec
from chassis.clock import Clock
from chassis.paging import Pages
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from gateway_service.auth import needs
from gateway_service.problems import Problem
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken
from gateway_service.store import jobs as store
from gateway_service.store.jobs import JobStore
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("jobs:read"))]
_TELLING = 0.02
"""Share that must be done before the rest can be guessed from it."""


class Job(BaseModel):
    """What is counted depends on the kind. Of an import: rows read, sent, rejected, faults; of its dry run also what the
    rows tried would do: created, updated, joined, kept_apart, refused."""

    job_id: str
    kind: str
    name: str
    state: Literal["waiting", "queued", "running", "done", "failed", "cancelled"]
    progress: float
    """0 to 1."""
    counts: dict[str, int]
    eta_s: int | None
    """Seconds until it is done, by how it went so far; null while that cannot be told."""
    failure: str
    """Why it failed; empty otherwise."""
    errors_url: str | None
    """Where the errors file is, once there are errors."""
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None

    @classmethod
    def of(cls, job: store.Job, now: datetime) -> Self:
        faults = job.counts.get("faults", 0)
        return cls(
            job_id=str(job.job_id),
            kind=job.kind,
            name=job.name,
            state=job.state,
            progress=round(job.progress, 4),
            counts=dict(job.counts),
            eta_s=_eta(job, now),
            failure=job.failure,
            errors_url=f"/v1/imports/{job.job_id}/errors" if faults and job.kind == "import" else None,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
        )


def router(jobs: JobStore, pages: Pages, clock: Clock) -> APIRouter:
    routes = APIRouter(prefix="/v1/jobs", tags=["jobs"], responses=PROBLEMS)

    @routes.get("")
    async def list_jobs(credential: Reader, page_size: PageSize = 0, page_token: PageToken = "") -> Page[Job]:
        """Newest first."""
        return await page_of(jobs, pages, clock, credential, page_size, page_token)

    @routes.get("/{job_id}")
    async def get_job(job_id: str, credential: Reader) -> Job:
        found = await jobs.get(credential.workspace_id, id_of(job_id, "job"))
        if found is None:
            raise Problem(404, "NOT_FOUND", "there is no job of that id")
        return Job.of(found, clock.now())

    return routes


async def page_of(
    jobs: JobStore, pages: Pages, clock: Clock, credential: Credential, size: int, token: str, kind: str = ""
) -> Page[Job]:
    """A page of the jobs of a kind, or of all."""
    place = ("jobs", str(credential.workspace_id), kind)
    position = pages.position(token, *place)
    before = None if position is None else msgspec.convert(position, tuple[datetime, UUID])
    most = pages.size(size, 50, 200)
    found = await jobs.page(credential.workspace_id, kind, before, most + 1)
    last = found[most - 1] if len(found) > most else None
    return Page[Job](
        items=[Job.of(one, clock.now()) for one in found[:most]],
        next_page_token=pages.token((last.created_at, last.job_id), *place) if last else "",
    )


def id_of(text: str, kind: str) -> UUID:
    """Raises Problem 404 for what is no id."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Problem(404, "NOT_FOUND", f"there is no {kind} of that id") from error


def _eta(job: store.Job, now: datetime) -> int | None:
    if job.state != "running" or job.started_at is None or job.progress < _TELLING:
        return None
    elapsed = (now - job.started_at).total_seconds()
    return round(elapsed * (1 - job.progress) / job.progress)
