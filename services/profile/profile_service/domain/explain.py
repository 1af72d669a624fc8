"""Why two identities are one person, or what keeps them apart: the shortest way from one to the other."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from profile_service.domain.partition import Refusal


class Link(NamedTuple):
    one: UUID
    other: UUID
    kind: str
    """named_together, by_hand or logged_in."""
    at: int
    message_id: str
    refusal: Refusal | None


def find_path(start: UUID, end: UUID, links: Iterable[Link]) -> list[Link]:
    """Links from `start` to `end`, each turned so that it goes on from the last; over refused ones only if there is no
    other way. Empty when there is none."""
    around: dict[UUID, list[Link]] = {}
    for link in sorted(links, key=lambda k: (k.at, k.message_id)):
        around.setdefault(link.one, []).append(link)
        around.setdefault(link.other, []).append(link._replace(one=link.other, other=link.one))
    accepted = {node: [k for k in some if k.refusal is None] for node, some in around.items()}
    return _shortest(start, end, accepted) or _shortest(start, end, around)


def _shortest(start: UUID, end: UUID, around: Mapping[UUID, list[Link]]) -> list[Link]:
    came_by: dict[UUID, Link] = {}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for link in around.get(here, ()):
            if link.other != start and link.other not in came_by:
                came_by[link.other] = link
                waiting.append(link.other)
    path: list[Link] = []
    while end != start and end in came_by:
        path.append(came_by[end])
        end = came_by[end].one
    return path[::-1]
