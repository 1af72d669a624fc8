"""How a workspace tells people apart: types of identifiers, what each may prove, and values that prove nothing."""

from dataclasses import dataclass
from functools import cached_property

DAY_MS = 86_400_000
PERSONAL = frozenset({"phone", "email"})
"""Stored as blind index and ciphertext only; traits of these names may be identifiers too."""
SCOPED = {"wechat_openid": "the app id", "wecom_external_userid": "the corp id"}


@dataclass(frozen=True, slots=True)
class IdentityType:
    """`strong`: proves a person. A weak one (device, cookie) belongs to whoever was last seen with it and never makes
    two people one. `unique`: a person has one value (in each scope). `most`: values a person may have, counted among
    those first seen within `days`; None: for ever."""

    name: str
    strong: bool = False
    unique: bool = False
    most: int | None = None
    days: int | None = None


SHIPPED = (
    IdentityType("user_id", strong=True, unique=True),
    IdentityType("member_id", strong=True, unique=True),
    IdentityType("crm_id", strong=True, most=5),
    IdentityType("wechat_unionid", strong=True, unique=True),
    IdentityType("phone", strong=True, most=5),
    IdentityType("wecom_external_userid", strong=True, unique=True),
    IdentityType("wechat_openid", strong=True, unique=True),
    IdentityType("email", strong=True, most=5),
    IdentityType("push_token", most=100),
    IdentityType("device_id", most=100),
    IdentityType("anonymous_id", most=1000),
)
"""Highest priority first."""


@dataclass(frozen=True)
class IdentitySettings:
    types: tuple[IdentityType, ...] = SHIPPED
    """Highest priority first, weak ones last. A type that is not here is weak and comes after all."""
    blocked: tuple[tuple[str, str], ...] = ()
    """(type or "*", value, which may begin or end with `*`), beside those shipped in `blocked_values`."""
    allowed: frozenset[tuple[str, str]] = frozenset()
    """(type, value) that the shipped list blocks and this workspace does not."""
    verified_traits: frozenset[str] = frozenset()
    """Traits that are identifiers too: a subset of PERSONAL."""
    cluster_cap: int = 20
    """Strong identifiers that may become one person without anybody looking at it."""
    suspect_people: int = 10
    """A strong identifier named with more others than this within a day is set aside until somebody looks at it."""
    version: int = 0

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {t.name: rank for rank, t in enumerate(self.types)}

    @cached_property
    def _by_name(self) -> dict[str, IdentityType]:
        return {t.name: t for t in self.types}

    @cached_property
    def strong(self) -> frozenset[str]:
        """Types that prove who somebody is."""
        return frozenset(t.name for t in self.types if t.strong)

    def rank(self, kind: str) -> int:
        """Lower is stronger."""
        return self._ranks.get(kind, len(self.types))

    def of(self, kind: str) -> IdentityType:
        return self._by_name.get(kind) or IdentityType(kind)

    def is_strong(self, kind: str) -> bool:
        return kind in self.strong

    def blocks(self, kind: str, value: str) -> bool:
        return any(k in ("*", kind) and _like(value, pattern) for k, pattern in self.blocked)


def _like(value: str, pattern: str) -> bool:
    inner = pattern.strip("*")
    front, back = pattern.startswith("*"), pattern.endswith("*")
    if front and back:
        return inner in value
    if front:
        return value.endswith(inner)
    return value.startswith(inner) if back else value == inner
