"""How a person is named in a path or body: a profile id, or `type:value` / `type@scope:value`."""

import re
from typing import Any
from uuid import UUID

from chassis.grpc_client import RemoteError
from grpc import StatusCode
from waypost.profile.v1 import profile_service_pb2 as pb
from waypost.profile.v1 import search_service_pb2

from gateway_service.problems import FieldError, Problem
from gateway_service.remote import Remote
from gateway_service.store.keys import Credential

PERSONAL = frozenset({"phone", "mobile", "email", "name", "id_card"})
_NAMED = re.compile(
    r"(?P<type>[A-Za-z][A-Za-z0-9_.-]{0,63})(?:@(?P<scope>[^:]{1,512}))?:(?P<value>.{1,512})", re.DOTALL
)


def key_of(text: str, at: str = "#profile") -> pb.GetProfileRequest:
    """The question to profile. `at`: where the name stands, `/field` for a body's. Raises Problem for what names
    nobody, and for personal data in an address."""
    if is_profile_id(text):
        return pb.GetProfileRequest(profile_id=str(UUID(text)))
    found = _NAMED.fullmatch(text)
    if found is None:
        raise Problem(
            400,
            "FIELD_INVALID",
            "a person is named by profile id, type:value or type@scope:value",
            errors=[FieldError(pointer=at, reason="malformed")],
        )
    if at.startswith("#") and found["type"].lower() in PERSONAL:
        raise Problem(
            400,
            "PERSONAL_DATA_IN_URL",
            f"look people up by {found['type']} with POST /v1/profiles:lookup, where it stays out of logs",
            errors=[FieldError(pointer=at, reason="personal_data")],
        )
    return pb.GetProfileRequest(
        identifier=pb.IdentifierKey(type=found["type"], scope=found["scope"] or "", value=found["value"])
    )


def is_profile_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return len(text) == 36


async def profile_id_of(remote: Remote, credential: Credential, text: str, at: str = "#profile") -> str:
    """The id of a person named in any way; asks profile only when it is not an id already."""
    request = key_of(text, at)
    if request.WhichOneof("key") == "profile_id":
        return request.profile_id
    profile_id: str = (await _asked(remote, credential, request, at)).profile.profile_id
    return profile_id


async def identity_id_of(remote: Remote, credential: Credential, text: str, at: str = "#profile") -> str:
    """Of the identifier that is named, or the id as it is. Other than the person's id it stays the same when people
    merge and split: it says which of a person's identifiers is meant, and a call that is repeated is the same call."""
    request = key_of(text, at)
    if request.WhichOneof("key") == "profile_id":
        return request.profile_id
    answer = await _asked(remote, credential, request, at)
    # The release before names the person alone.
    identity_id: str = answer.identity_id or answer.profile.profile_id
    return identity_id


async def _asked(remote: Remote, credential: Credential, request: pb.GetProfileRequest, at: str) -> Any:
    try:
        return await remote.call("profile", "GetProfile", request, credential)
    except RemoteError as refusal:
        if refusal.code == StatusCode.NOT_FOUND:
            raise Problem(
                404, refusal.reason, refusal.message, errors=[FieldError(pointer=at, reason="unknown")]
            ) from refusal
        raise


async def ids_of(remote: Remote, credential: Credential, text: str) -> dict[str, Any]:
    """profile_id and identity_ids of a person named in any way, for services that keep acts by identity."""
    profile_id = await profile_id_of(remote, credential, text)
    request = search_service_pb2.ListTimelineRequest(profile_id=profile_id, page_size=1)
    answer = await remote.call("profile", "ListTimeline", request, credential)
    return {"profile_id": profile_id, "identity_ids": answer.identity_ids}
