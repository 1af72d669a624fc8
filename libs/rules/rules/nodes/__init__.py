"""Node kinds, one a file. A module here is found by being here: it offers `NODE`, a subclass of `Rule`.

Names with an underscore are parts of a kind that outgrew its file.
"""

from importlib import import_module
from pkgutil import iter_modules

from rules._rule import Rule

NODES: dict[str, type[Rule]] = {}
for _found in sorted(module.name for module in iter_modules(__path__) if module.name[0] != "_"):
    _kind: type[Rule] = import_module(f"{__name__}.{_found}").NODE
    NODES[_kind.KEY] = _kind
