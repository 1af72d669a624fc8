"""Ids of ingestion issues: an issue is what its parts say, so its id is these parts, encoded."""

import base64
import binascii
from typing import Literal, NamedTuple, Self

import msgspec

from gateway_service.problems import Problem

_PREFIX = "iss_"


class IssueName(NamedTuple):
    source: Literal["gateway", "profile"]
    kind: str
    reason: str
    path: str
    event_name: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self[1:]

    @property
    def id(self) -> str:
        return _PREFIX + base64.urlsafe_b64encode(msgspec.msgpack.encode(self)).decode().rstrip("=")

    @classmethod
    def read(cls, issue_id: str) -> Self:
        """Raises Problem for what is no issue's id."""
        encoded = issue_id.removeprefix(_PREFIX)
        try:
            data = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
            name = msgspec.msgpack.decode(data, type=cls)
        except (binascii.Error, ValueError, msgspec.MsgspecError):
            name = None
        if name is None or name.id != issue_id or "\0" in "".join(name):
            raise Problem(
                404, "NOT_FOUND", "no ingestion issue has this id; GET /v1/ingestion/issues lists them"
            )
        return name
