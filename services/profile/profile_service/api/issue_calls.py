"""Ingestion issues and dead letters, as gRPC calls."""

from datetime import datetime
from typing import Any

from chassis import context
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument
from chassis.paging import Pages
from chassis.requests import once
from waypost.profile.v1 import profile_service_pb2 as pb

from profile_service.queries import issues as found
from profile_service.store import issues

MOST_LETTERS = 500


class IssueCalls:
    _database: Database
    _ciphers: Ciphers
    _pages: Pages

    async def ListIngestionIssues(
        self, request: pb.ListIngestionIssuesRequest, _context: Any
    ) -> pb.ListIngestionIssuesResponse:
        size = self._pages.size(request.page_size, 50, 200)
        after = self._pages.position(request.page_token, "issues")
        if after:
            after[0] = datetime.fromisoformat(after[0])
        async with self._database.transaction(context.current().workspace_id) as tx:
            rows = await found.issues(tx, after, size)
        token = ""
        if len(rows) == size:
            last = rows[-1]
            place = [
                last["last_time"].isoformat(),
                last["kind"],
                last["reason"],
                last["path"],
                last["event_name"],
            ]
            token = self._pages.token(place, "issues")
        return pb.ListIngestionIssuesResponse(issues=[_issue(r) for r in rows], next_page_token=token)

    async def ListDeadLetters(
        self, request: pb.ListDeadLettersRequest, _context: Any
    ) -> pb.ListDeadLettersResponse:
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        size = self._pages.size(request.page_size, 50, 200)
        place = ("letters", str(workspace_id), request.reason)
        before = self._pages.position(request.page_token, *place)
        async with self._database.transaction(workspace_id) as tx:
            rows = await found.dead_letters(tx, request.reason, before, size + 1)
        response = pb.ListDeadLettersResponse()
        for row in rows[:size]:
            letter = response.dead_letters.add(
                dead_letter_id=row["id"],
                reason=row["reason"],
                detail=row["detail"],
                record=cipher.open(row["record"], b"dead"),
            )
            letter.create_time.FromDatetime(row["created_at"])
        if len(rows) > size:
            response.next_page_token = self._pages.token(rows[size - 1]["id"], *place)
        return response

    async def DeleteDeadLetters(
        self, request: pb.DeleteDeadLettersRequest, _context: Any
    ) -> pb.DeleteDeadLettersResponse:
        if len(request.dead_letter_ids) > MOST_LETTERS:
            raise InvalidArgument(f"at most {MOST_LETTERS} ids a call", field="dead_letter_ids")

        async def work(tx: Tx) -> pb.DeleteDeadLettersResponse:
            async def delete() -> pb.DeleteDeadLettersResponse:
                deleted = await issues.forget_letters(tx, list(request.dead_letter_ids))
                return pb.DeleteDeadLettersResponse(deleted=deleted)

            return await once(tx, request, pb.DeleteDeadLettersResponse, delete)

        return await self._database.run(context.current().workspace_id, work)

    async def DismissIngestionIssue(
        self, request: pb.DismissIngestionIssueRequest, _context: Any
    ) -> pb.DismissIngestionIssueResponse:
        async def work(tx: Tx) -> pb.DismissIngestionIssueResponse:
            async def dismiss() -> pb.DismissIngestionIssueResponse:
                await issues.dismiss(tx, request.kind, request.reason, request.path, request.event_name)
                return pb.DismissIngestionIssueResponse()

            return await once(tx, request, pb.DismissIngestionIssueResponse, dismiss)

        return await self._database.run(context.current().workspace_id, work)


def _issue(row: Any) -> pb.IngestionIssue:
    issue = pb.IngestionIssue(
        kind=row["kind"],
        reason=row["reason"],
        path=row["path"],
        event_name=row["event_name"],
        count=row["count"],
        sample_message_id=row["sample_message_id"],
        detail=row["detail"],
    )
    issue.first_time.FromDatetime(row["first_time"])
    issue.last_time.FromDatetime(row["last_time"])
    return issue
