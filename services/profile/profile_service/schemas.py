"""Schemas of events, checked by the library made for it."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from profile_service.domain.declared import MOST_FAULTS, Check, Fault


def compile_schema(schema: Mapping[str, Any]) -> Check:
    """`schema` is one in which `find_fault` finds nothing."""
    # Values are customers' data: the words for a fault must not hold them.
    validator = Draft202012Validator(dict(schema), mask="the value")

    def check(properties: Any) -> list[Fault]:
        if validator.is_valid(properties):
            return []
        return [_fault(error) for error in islice(validator.iter_errors(properties), MOST_FAULTS)]

    return check


def _fault(error: ValidationError) -> Fault:
    keyword = str(error.schema_path[-1])
    path = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in error.instance_path)
    return Fault(path, f"schema_{_snake(keyword)}", error.message)


def _snake(keyword: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in keyword)
