"""Kinds of predicates, one a file. A module here is found by being here: it offers `PREDICATES`."""

from importlib import import_module
from pkgutil import iter_modules

from rules._predicate import Predicate

PREDICATES: dict[str, type[Predicate]] = {}
for _found in sorted(module.name for module in iter_modules(__path__)):
    for _kind in import_module(f"{__name__}.{_found}").PREDICATES:
        PREDICATES[_kind.KEY] = _kind
