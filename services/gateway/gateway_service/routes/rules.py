"""The rule language: what can be said in it, and what a rule says."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from waypost.segment.v1 import segment_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote
from gateway_service.routes._answers import (
    PROBLEMS,
    JsonObject,
    Page,
    PageSize,
    PageToken,
    json_bytes,
    json_of,
)
from gateway_service.store.keys import Credential

_KINDS = {"event": pb.KNOWN_NAME_KIND_EVENT, "trait": pb.KNOWN_NAME_KIND_TRAIT}
Reader = Annotated[Credential, Depends(needs("segments:read"))]


class RuleToDescribe(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rule: JsonObject


class RuleNeed(BaseModel):
    """A fact that can change the rule's answer."""

    kind: str
    name: str
    window: Any = None
    """Outside it nothing matters; null: everything does."""


class RuleWarning(BaseModel):
    """The rule is understood, and would select nobody by this part of it today."""

    pointer: str
    """JSON pointer into the rule."""
    reason: str
    detail: str


class RuleDescription(BaseModel):
    en: str
    zh: str
    cost: str
    """summary, results, recent, lifetime or account: what it takes to answer for one person, cheapest first."""
    needs: list[RuleNeed]
    normalised: Any
    warnings: list[RuleWarning]


class NodeKind(BaseModel):
    properties: dict[str, Any]
    """JSON Schema by member."""
    en: str
    zh: str


class OperatorKind(BaseModel):
    value: Any
    """JSON Schema of `value`; null when the operator takes none."""
    refers: bool
    """Whether a reference may stand for the value."""
    reads: list[str]
    """Types of data that it reads."""
    en: str
    zh: str


class RuleLanguage(BaseModel):
    nodes: dict[str, NodeKind]
    predicates: dict[str, NodeKind]
    references: dict[str, NodeKind]
    operators: dict[str, OperatorKind]


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["rules"], responses=PROBLEMS)

    @routes.post("/rules:describe")
    async def describe_rule(body: RuleToDescribe, credential: Reader) -> RuleDescription:
        """What a rule means, costs and looks at. A name never heard in the workspace is a warning with the nearest
        known one, for its data may come later."""
        request = pb.DescribeRuleRequest(rule_json=json_bytes(body.rule))
        answer = await remote.call("segment", "DescribeRule", request, credential)
        return RuleDescription(
            en=answer.description_en,
            zh=answer.description_zh,
            cost=answer.cost,
            needs=[
                RuleNeed(
                    kind=one.kind,
                    name=one.name,
                    window=json_of(one.window_json) if one.window_json else None,
                )
                for one in answer.needs
            ],
            normalised=json_of(answer.normalised_json),
            warnings=[
                RuleWarning(pointer=one.pointer, reason=one.reason, detail=one.detail)
                for one in answer.warnings
            ],
        )

    @routes.get("/rule-language")
    async def rule_language(credential: Reader) -> RuleLanguage:
        """Every kind of node, predicate, reference and operator with its JSON Schemas and words; `{value}` in the
        words of an operator stands for its value."""
        answer = await remote.call("segment", "GetRuleLanguage", pb.GetRuleLanguageRequest(), credential)
        return RuleLanguage.model_validate(json_of(answer.language_json))

    @routes.get("/rule-language/names")
    async def known_names(
        credential: Reader,
        kind: Literal["event", "trait"],
        prefix: Annotated[str, Query(max_length=256)] = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[str]:
        """Names of events or traits heard in the workspace, to choose from."""
        request = pb.ListKnownNamesRequest(
            kind=_KINDS[kind],
            prefix=prefix,
            page_size=page_size,
            page_token=page_token,
        )
        answer = await remote.call("segment", "ListKnownNames", request, credential)
        return Page[str](items=list(answer.names), next_page_token=answer.next_page_token)

    return routes
