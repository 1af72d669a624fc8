"""If-Match, for what the gateway keeps itself."""

from typing import Annotated, Any

from fastapi import Header

from gateway_service.problems import Problem, answer_of

IfMatch = Annotated[
    str, Header(max_length=64, description="The etag that is changed; none: whatever is there")
]
CHANGED_MEANWHILE: dict[int | str, dict[str, Any]] = {412: answer_of("Changed meanwhile")}


def check(if_match: str, revision: int) -> None:
    """Raises Problem 412."""
    named = if_match.strip().removeprefix("W/").strip('"')
    if named not in ("", "*", str(revision)):
        raise Problem(
            412,
            "ETAG_MISMATCH",
            f"it has the etag {revision} now: read it again, and make your change to that",
        )
