"""What the use cases need from the world outside."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Protocol, TypeVar
from uuid import UUID

import rules

Key = TypeVar("Key", bound=Hashable)


class Rules(Protocol):
    async def hold(
        self,
        workspace_id: UUID,
        asked: Iterable[tuple[rules.Rule, str, Key]],
        heard: Iterable[tuple[UUID, str]],
    ) -> Mapping[Key, bool]:
        """`asked`: (rule, profile id, key). For each key whether its rule holds for its person now, with the events
        `heard` (identity, event id) taken into account."""
        ...
