"""The people of a file, page after page."""

from collections.abc import AsyncIterator, Sequence

from waypost.profile.v1 import export_service_pb2 as pb
from waypost.profile.v1 import profile_service_pb2
from waypost.segment.v1 import segment_service_pb2

from gateway_service.remote import Remote
from gateway_service.store.keys import Credential

PAGE = 500
_DEADLINE_S = 20.0

Pages = AsyncIterator[Sequence[profile_service_pb2.Profile]]


async def everybody(remote: Remote, credential: Credential, in_full: bool) -> Pages:
    """By profile id; who comes while the file is written may be in it."""
    token = ""
    while True:
        request = pb.ExportProfilesRequest(page_size=PAGE, page_token=token, in_full=in_full)
        answer = await remote.call("profile", "ExportProfiles", request, credential, deadline_s=_DEADLINE_S)
        yield answer.profiles
        token = answer.next_page_token
        if not token:
            return


async def members(remote: Remote, credential: Credential, segment_id: str, in_full: bool) -> Pages:
    """Of a segment, as it lists them."""
    token = ""
    while True:
        asked = segment_service_pb2.ListSegmentMembersRequest(
            segment_id=segment_id, page_size=PAGE, page_token=token
        )
        page = await remote.call("segment", "ListSegmentMembers", asked, credential, deadline_s=_DEADLINE_S)
        ids = [one.profile_id for one in page.members]
        if ids:
            request = pb.ExportProfilesRequest(profile_ids=ids, in_full=in_full)
            answer = await remote.call(
                "profile", "ExportProfiles", request, credential, deadline_s=_DEADLINE_S
            )
            yield answer.profiles
        token = page.next_page_token
        if not token:
            return
