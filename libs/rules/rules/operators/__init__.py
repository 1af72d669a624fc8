"""Operators, one or a small family a file. A module here is found by being here: it offers `OPERATORS`."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from rules._operator import Operator

OPERATORS: dict[str, Operator[Any]] = {}
for _found in sorted(module.name for module in iter_modules(__path__)):
    for _operator in import_module(f"{__name__}.{_found}").OPERATORS:
        OPERATORS[_operator.name] = _operator
