"""What a key or a member may do: scopes, and the roles that bundle them. A new role is one entry here."""

from dataclasses import dataclass
from types import MappingProxyType

ALL = "*"
INGESTION = "ingestion:send"
"""What a write key may do, and nothing else."""

PERSONAL_READ = "personal:read"
"""To see people's personal traits as they are; others see that there are some."""

_RESOURCES = (
    "profiles",
    "segments",
    "journeys",
    "messages",
    "scoring",
    "consents",
    "ingestion",
    "imports",
    "privacy",
    "forms",
)
SCOPES = frozenset(
    {f"{resource}:{verb}" for resource in _RESOURCES for verb in ("read", "write")}
    | {
        PERSONAL_READ,
        "reports:read",
        "jobs:read",
        "keys:read",
        "keys:write",
        "members:read",
        "members:write",
        "audit:read",
    }
)
"""Every scope that a secret key can be given; `*` stands for all, those of later releases too."""

_READS = frozenset(f"{resource}:read" for resource in _RESOURCES) | {"reports:read", "jobs:read"}


@dataclass(frozen=True, slots=True)
class Role:
    scopes: frozenset[str]
    label: tuple[str, str]
    """English, Chinese."""
    description: tuple[str, str]


ROLES = MappingProxyType(
    {
        "owner": Role(
            frozenset({ALL}), ("Owner", "所有者"), ("May do everything", "可执行所有操作")
        ),
        "administrator": Role(
            frozenset({*_READS, "ingestion:write", "keys:read", "keys:write", "members:read", "members:write",
                       "audit:read"}),
            ("Administrator", "管理员"),
            ("Manages members, keys and ingestion; sends nothing", "管理成员、密钥和数据接入,不发送消息"),
        ),
        "marketer": Role(
            frozenset({*_READS, "segments:write", "journeys:write", "messages:write", "forms:write"}),
            ("Marketer", "营销人员"),
            ("Builds segments and journeys, and sends", "创建人群和旅程并发送消息"),
        ),
        "data_manager": Role(
            frozenset(
                {
                    *_READS,
                    PERSONAL_READ,
                    "profiles:write",
                    "consents:write",
                    "ingestion:write",
                    "imports:write",
                    "scoring:write",
                }
            ),
            ("Data manager", "数据管理员"),
            ("Mends people, models and what ingestion refused", "维护客户数据、模型和接入问题"),
        ),
        "analyst": Role(_READS, ("Analyst", "分析师"), ("Reads everything, changes nothing", "只读,不做修改")),
        "sales": Role(
            frozenset({"profiles:read", PERSONAL_READ, "scoring:read"}),
            ("Sales", "销售"),
            ("Sees customers and their scores", "查看客户及其评分"),
        ),
        "auditor": Role(
            frozenset({"audit:read", "keys:read", "members:read"}),
            ("Auditor", "审计员"),
            ("Reads who did what, and who may", "查看操作记录和权限"),
        ),
    }
)  # fmt: skip


def grants(held: frozenset[str], scope: str) -> bool:
    return ALL in held or scope in held


def beyond(held: frozenset[str], wanted: frozenset[str]) -> frozenset[str]:
    """Those of the wanted scopes that a holder of `held` cannot hand on."""
    return frozenset() if ALL in held else wanted - held
