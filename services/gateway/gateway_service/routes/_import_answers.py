"""An import as it is shown and started."""

from typing import Any, Literal, Self

from chassis.clock import Clock
from pydantic import BaseModel, ConfigDict, Field

from gateway_service.imports import desk as desks
from gateway_service.imports.faults import is_personal, shown
from gateway_service.imports.mapping import Mapping
from gateway_service.masking import masked
from gateway_service.routes._answers import Moment
from gateway_service.routes.jobs import Job


class FileLayout(BaseModel):
    format: Literal["csv", "ndjson", "parquet"]
    encoding: str
    delimiter: str
    header: bool
    columns: list[str]


class Outcome(BaseModel):
    """What a row would do: created, updated, joined, kept_apart or refused."""

    row: int
    outcome: str
    people: int
    reason: str


class Import(BaseModel):
    """`row` numbers count as a spreadsheet does, the header being row 1."""

    import_id: str
    name: str
    source: str
    size_bytes: int
    sha256: str
    layout: FileLayout
    samples: list[dict[str, Any]]
    """The first rows, personal values masked."""
    suggested_mapping: Mapping
    mapping: Mapping | None
    """That it was started with last."""
    dry_run: bool
    """Whether the job, if there was one, is or was a dry run."""
    outcomes: list[Outcome]
    """Of the last dry run: the first rows of each kind."""
    job: Job
    created_at: Moment

    @classmethod
    def of(cls, found: desks.Import, clock: Clock) -> Self:
        imported, details = found.imported, found.details
        suggested = Mapping.model_validate_json(details.suggested)
        layout = details.layout
        return cls(
            import_id=str(imported.import_id),
            name=found.job.name,
            source=details.source,
            size_bytes=imported.size_bytes,
            sha256=imported.digest.hex(),
            layout=FileLayout(
                format=layout.format,
                encoding=layout.encoding,
                delimiter=layout.delimiter,
                header=layout.header,
                columns=list(layout.columns),
            ),
            samples=_masked(details.samples, suggested),
            suggested_mapping=suggested,
            mapping=details.chosen() if details.mapping else None,
            dry_run=imported.dry_run,
            outcomes=[Outcome(**one) for one in details.outcomes],
            job=Job.of(found.job, clock.now()),
            created_at=imported.created_at,
        )


class Deleted(BaseModel):
    deleted: bool = True


class StartOf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mapping: Mapping | None = Field(default=None, description="null: that of last time")
    dry_run: bool = False


def _masked(samples: list[dict[str, Any]], suggested: Mapping) -> list[dict[str, Any]]:
    personal = {
        one.column for one in suggested.columns if is_personal(one.called) or one.type in ("phone", "email")
    }
    return [
        {
            name: shown(cell, True) if name in personal and cell not in (None, "") else masked(cell)
            for name, cell in row.items()
        }
        for row in samples
    ]
