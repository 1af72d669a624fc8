"""Node kinds: one file each, found here. A file offers NODE, an object of the NodeKind protocol."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from journey_service.domain.nodes.kind import Node, NodeKind

__all__ = ["Node", "NodeKind", "kinds"]


@cache
def kinds() -> Mapping[str, NodeKind]:
    """Every kind by its name."""
    modules = (m.name for m in pkgutil.iter_modules(__path__) if m.name != "kind")
    found: list[NodeKind] = [importlib.import_module(f"{__name__}.{name}").NODE for name in sorted(modules)]
    return {kind.name: kind for kind in found}
