"""How many messages went out to identities of many people."""

import asyncio
from collections.abc import Iterable, Iterator

from waypost.dispatch.v1 import reach_service_pb2 as pb
from waypost.profile.v1.identity_service_pb2 import DryRunIdentitySettingsResponse, LeavingIdentities

from gateway_service.remote import Remote
from gateway_service.store.keys import Credential

MOST_IDS = 500
AT_ONCE = 4


async def messages_of(remote: Remote, credential: Credential, tried: DryRunIdentitySettingsResponse) -> int:
    """Messages to those who would leave somebody."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def count(request: pb.CountMessagesRequest) -> int:
        request.from_time.CopyFrom(tried.from_time)
        async with turns:
            return int((await remote.call("dispatch", "CountMessages", request, credential)).messages)

    return sum(await asyncio.gather(*map(count, _questions(tried.leaving))))


def _questions(leaving: Iterable[LeavingIdentities]) -> Iterator[pb.CountMessagesRequest]:
    """As few as the ids fit into: each of `leaving` has at most MOST_IDS of either kind. An identity is in one of them
    only, and no message is counted twice."""
    question = pb.CountMessagesRequest()
    for one in leaving:
        profiles, identities = len(question.profile_ids), len(question.identity_ids)
        if max(profiles + len(one.profile_ids), identities + len(one.identity_ids)) > MOST_IDS:
            yield question
            question = pb.CountMessagesRequest()
        question.profile_ids.extend(one.profile_ids)
        question.identity_ids.extend(one.identity_ids)
    if question.identity_ids:
        yield question
