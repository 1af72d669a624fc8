"""Every operation of the OpenAPI document called many times with bodies and parameters made from it, right and wrong
ones, and every answer held against it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.tenants import Tenant

CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
REASONED = {503, 504}
"""Server errors that a caller may see, with a reason."""


@dataclass
class Spoken:
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    """By operation."""
    failures: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return sum(counter.total() for counter in self.statuses.values())


async def speak_by_the_document(
    tenant: Tenant, examples: int, start: int = 0, ids: dict[str, str] | None = None
) -> Spoken:
    """`examples` calls an operation and mode; `ids` are values that exist, for half of the path parameters."""
    document = (await tenant.call("GET", "/openapi.json")).body
    return await asyncio.to_thread(_speak, tenant, document, examples, start, ids or {})


def _speak(
    tenant: Tenant, document: dict[str, Any], examples: int, start: int, ids: dict[str, str]
) -> Spoken:
    spoken = Spoken()
    with requests.Session() as session:
        for found in schemathesis.openapi.from_dict(document).get_all_operations():
            operation = found.ok()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _call(spoken, session, tenant, operation, mode, examples, start, ids)
    return spoken


def _call(
    spoken: Spoken,
    session: requests.Session,
    tenant: Tenant,
    operation: Any,
    mode: GenerationMode,
    examples: int,
    start: int,
    ids: dict[str, str],
) -> None:
    statuses = spoken.statuses.setdefault(operation.label, Counter())
    keys = tenant.basic if operation.definition.raw["operationId"].startswith("ingest_") else tenant.bearer

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def one(case: Any, known: bool) -> None:
        if known:
            case.path_parameters = {k: ids.get(k, v) for k, v in (case.path_parameters or {}).items()}
        answer = case.call(tenant.url, session=session, headers=keys, timeout=60)
        statuses[answer.status_code] += 1
        if answer.status_code >= 500 and answer.status_code not in REASONED:
            raise AssertionError(f"{answer.status_code} {answer.text}\n{case.as_curl_command()}")
        case.validate_response(answer, checks=CHECKS)

    try:
        one()
    except Unsatisfiable:
        pass  # nothing can be wrong about a call without parameters
    except (AssertionError, FailureGroup) as failure:
        spoken.failures.append(f"{operation.label} ({mode.value}): {_why(failure)}")


def _why(failure: BaseException) -> str:
    if isinstance(failure, FailureGroup):
        return "\n".join(f"{one.title}: {one}" for one in failure.exceptions)
    return str(failure)
