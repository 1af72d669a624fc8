"""Imports: upload a file, look at what was found in it, try it, load it, fetch what was faulty."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from uuid import UUID

from chassis.clock import Clock
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway_service.auth import needs
from gateway_service.csv_out import MARK, line
from gateway_service.imports.body import Form, inflated
from gateway_service.imports.desk import KIND, HandedIn, ImportDesk
from gateway_service.imports.encodings import NAMES, known
from gateway_service.imports.faults import said
from gateway_service.imports.layout import DELIMITERS
from gateway_service.imports.mapping import Mapping
from gateway_service.imports.upload import Told
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import mutation_id
from gateway_service.routes._answers import PROBLEMS, Page, PageSize, PageToken
from gateway_service.routes._import_answers import Deleted, Import, StartOf
from gateway_service.routes.jobs import Job, id_of, page_of
from gateway_service.store.jobs import JobStore
from gateway_service.store.keys import Credential
from gateway_service.words import prefers_chinese

Reader = Annotated[Credential, Depends(needs("imports:read"))]
Writer = Annotated[Credential, Depends(needs("imports:write"))]
UPLOAD = "/v1/imports"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself, or a form with a part named `file` and the parameters as fields; "
        "`Content-Encoding: gzip` is understood",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "text/csv": {"schema": {"type": "string"}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}
_ERRORS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/csv": {"schema": {"type": "string"}}},
        "description": "row, column, value, reason, detail",
    }
}


class UploadOptions(BaseModel):
    """What is not said is found out from the file."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=200, description="if empty, the file's")
    source: str = Field(default="import", min_length=1, max_length=200, description="whose word the file is")
    format: Literal["", "csv", "ndjson", "parquet"] = ""
    encoding: str = Field(default="", max_length=20, description=", ".join(NAMES))
    delimiter: str = Field(default="", max_length=3, description="`,` `;` `|` or `tab`")
    header: bool | None = Field(default=None, description="whether the first row names the columns")
    mapping: str = Field(
        default="",
        max_length=4_000,
        description="a Mapping as JSON: loads the file at once; a larger one goes with `:start`",
    )
    dry_run: bool = Field(default=False, description="tries it, with the suggested mapping if none is given")

    def handed_in(self, file_name: str) -> HandedIn:
        """Raises Problem."""
        encoding = known(self.encoding) if self.encoding else ""
        if encoding is None:
            raise _unknown_value("encoding", ", ".join(NAMES))
        delimiter = {"tab": "\t", "\\t": "\t"}.get(self.delimiter, self.delimiter)
        if delimiter not in ("", *DELIMITERS):
            raise _unknown_value("delimiter", "a comma, semicolon, bar or tab")
        return HandedIn(
            name=self.name or file_name[:200] or "import",
            source=self.source,
            told=Told(self.format, encoding, delimiter, self.header),
            mapping=_read(Mapping, self.mapping, "#mapping") if self.mapping else None,
            dry_run=self.dry_run,
        )


def router(desk: ImportDesk, jobs: JobStore, pages: Pages, clock: Clock) -> APIRouter:
    routes = APIRouter(prefix=UPLOAD, tags=["imports"], responses=PROBLEMS)

    @routes.post("", status_code=202, openapi_extra=_BODY)
    async def create_import(
        request: Request, credential: Writer, options: Annotated[UploadOptions, Query()]
    ) -> Import:
        """Stores a file, and says what was found in it. It is loaded at once when a mapping comes with it, and tried
        when a dry run is asked for; else it waits for `:start`."""
        form = Form(request.headers.get("content-type", ""))
        stream = inflated(request.stream(), request.headers.get("content-encoding", "").strip().lower())

        def read() -> HandedIn:
            told = options.model_dump(exclude_unset=True) | form.fields
            chosen: UploadOptions = _read(UploadOptions, told, "#")
            return chosen.handed_in(form.file_name)

        import_id = UUID(mutation_id(request, credential))
        file = form.file(stream) if form.is_one else stream
        return Import.of(await desk.hand_in(credential.workspace_id, import_id, file, read), clock)

    @routes.get("")
    async def list_imports(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Job]:
        """Their jobs, newest first."""
        return await page_of(jobs, pages, clock, credential, page_size, page_token, KIND)

    @routes.get("/{import_id}")
    async def get_import(import_id: str, credential: Reader) -> Import:
        return Import.of(await desk.get(credential.workspace_id, id_of(import_id, "import")), clock)

    @routes.post("/{import_id}:start", status_code=202)
    async def start_import(import_id: str, body: StartOf, credential: Writer) -> Import:
        """Loads the file, or tries what that would do. What was stopped or has failed goes on where it was when it is
        started with the same mapping."""
        id_ = id_of(import_id, "import")
        return Import.of(await desk.start(credential.workspace_id, id_, body.mapping, body.dry_run), clock)

    @routes.post("/{import_id}:cancel")
    async def cancel_import(import_id: str, credential: Writer) -> Import:
        """Stops it. Rows that are sent by then stay."""
        return Import.of(await desk.cancel(credential.workspace_id, id_of(import_id, "import")), clock)

    @routes.delete("/{import_id}")
    async def delete_import(import_id: str, credential: Writer) -> Deleted:
        """Forgets the file and its errors; the people stay."""
        await desk.remove(credential.workspace_id, id_of(import_id, "import"))
        return Deleted()

    @routes.get("/{import_id}/errors", response_class=Response, responses=_ERRORS)
    async def list_import_errors(
        request: Request, import_id: str, credential: Reader, language: Literal["", "en", "zh"] = ""
    ) -> Response:
        """The faulty rows and cells as CSV, the first 100,000: row, column, value (masked), reason, and that in words."""
        id_ = id_of(import_id, "import")
        await desk.get(credential.workspace_id, id_)
        chinese = language == "zh" or (
            not language and prefers_chinese(request.headers.get("accept-language", ""))
        )
        return StreamingResponse(
            _error_lines(desk, credential.workspace_id, id_, chinese),
            media_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="import-{id_}-errors.csv"'},
        )

    return routes


async def _error_lines(
    desk: ImportDesk, workspace_id: UUID, import_id: UUID, chinese: bool
) -> AsyncIterator[bytes]:
    names = ("行", "列", "值", "原因", "说明") if chinese else ("row", "column", "value", "reason", "detail")
    yield MARK + line(names)
    async for one in desk.faults(workspace_id, import_id):
        yield line((one.row, one.column, one.value, one.reason, said(one.reason, chinese)))


def _read(kind: type[Any], told: Any, pointer: str) -> Any:
    try:
        return kind.model_validate_json(told) if isinstance(told, str) else kind.model_validate(told)
    except ValidationError as error:
        errors = [
            FieldError(
                pointer="/".join((pointer, *map(str, one["loc"]))).replace("#/", "#"),
                reason=str(one["type"]),
                detail=str(one["msg"]),
            )
            for one in error.errors()
        ]
        raise Problem(422, "FIELD_INVALID", "a field is missing or malformed", errors=errors) from error


def _unknown_value(parameter: str, detail: str) -> Problem:
    field = FieldError(pointer=f"#{parameter}", reason="unknown_value", detail=detail)
    return Problem(400, "FIELD_INVALID", f"{parameter} must be one of {detail}", errors=[field])
