"""References, one a file. A module here is found by being here: it offers `REFERENCES`, subclasses of `Reference`."""

from importlib import import_module
from pkgutil import iter_modules

from rules._reference import Reference

REFERENCES: dict[str, type[Reference]] = {}
for _found in sorted(module.name for module in iter_modules(__path__)):
    for _kind in import_module(f"{__name__}.{_found}").REFERENCES:
        REFERENCES[_kind.KEY] = _kind
