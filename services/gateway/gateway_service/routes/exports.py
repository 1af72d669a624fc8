"""Everybody, or a segment, as a file that is written while it is fetched."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from waypost.segment.v1 import segment_service_pb2

from gateway_service.audit import AuditTrail
from gateway_service.auth import needs
from gateway_service.exports import people
from gateway_service.exports.fields import Cell, Fields
from gateway_service.exports.files import MEDIA_TYPES, Format, writer, written
from gateway_service.problems import Problem
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS
from gateway_service.store.keys import Credential

OfEverybody = Annotated[Credential, Depends(needs("profiles:read"))]
OfSegments = Annotated[Credential, Depends(needs("segments:read"))]
FieldList = Annotated[
    str,
    Query(max_length=4_000, description="between commas: profile_id, traits.city, identifiers.member_id, …"),
]
Personal = Annotated[
    bool, Query(description="in full instead of masked; needs the scope personal:read, and is audited")
]
_SCOPE = "personal:read"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file. A connection that breaks off means that it is not whole",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()
        },
    }
}


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["exports"], responses=PROBLEMS)

    @routes.get("/profiles:export", response_class=Response, responses=_FILE)
    async def export_profiles(
        request: Request,
        credential: OfEverybody,
        format: Format = "ndjson",
        fields: FieldList = "",
        personal: Personal = False,
    ) -> Response:
        """Everybody, by profile id. Lists and objects are JSON texts in CSV and Parquet."""
        chosen = Fields(fields)
        await _admit(request, credential, personal)
        pages = people.everybody(remote, credential, personal)
        return await _sent(pages, format, chosen, personal, "profiles")

    @routes.get("/segments/{segment_id}:export", response_class=Response, responses=_FILE)
    async def export_segment(
        request: Request,
        segment_id: str,
        credential: OfSegments,
        format: Format = "ndjson",
        fields: FieldList = "",
        personal: Personal = False,
    ) -> Response:
        """The members of a segment, as they are now; needs the scope profiles:read as well."""
        if not credential.allows("profiles:read"):
            raise Problem(403, "SCOPE_MISSING", "the scope profiles:read is needed, and you do not have it")
        chosen = Fields(fields)
        message = segment_service_pb2.GetSegmentRequest(segment_id=segment_id)
        await remote.call("segment", "GetSegment", message, credential)
        await _admit(request, credential, personal)
        pages = people.members(remote, credential, segment_id, personal)
        return await _sent(pages, format, chosen, personal, "segment")

    return routes


async def _admit(request: Request, credential: Credential, personal: bool) -> None:
    """What shows personal data in full is written down before any of it leaves."""
    if not personal:
        return
    if not credential.allows(_SCOPE):
        raise Problem(403, "SCOPE_MISSING", f"the scope {_SCOPE} is needed, and you do not have it")
    trail: AuditTrail = request.app.state.audit
    await trail.read(request, credential)


async def _sent(pages: people.Pages, kind: Format, fields: Fields, in_full: bool, name: str) -> Response:
    # The first page before the answer begins: what is refused is still answered with a problem.
    first = await anext(pages, ())

    async def rows() -> AsyncIterator[Sequence[dict[str, Cell]]]:
        yield [fields.row(person, in_full) for person in first]
        async for page in pages:
            yield [fields.row(person, in_full) for person in page]

    return StreamingResponse(
        written(writer(kind, fields.names), rows()),
        media_type=MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )
