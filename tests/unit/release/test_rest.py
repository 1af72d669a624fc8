"""A REST document that would let a caller down is named; one that grows is not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from waypost_dev.release import rest

Change = Callable[[dict[str, Any]], Any]
OLD: dict[str, Any] = {
    "paths": {
        "/v1/cups": {
            "post": {
                "parameters": [
                    {"name": "size", "in": "query", "schema": {"type": "string", "enum": ["s", "m"]}}
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Asked"}}}
                },
                "responses": {
                    "200": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Told"}}}
                    },
                    "404": {"description": "no such cup"},
                },
            },
            "get": {"responses": {"200": {"description": "all"}}},
        }
    },
    "components": {
        "schemas": {
            "Asked": {
                "type": "object",
                "required": ["tea"],
                "properties": {
                    "tea": {"type": "string"},
                    "with": {"anyOf": [{"$ref": "#/components/schemas/Asked"}, {"type": "null"}]},
                    "leaves": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"kind": {"type": "string"}}},
                    },
                },
            },
            "Told": {
                "type": "object",
                "required": ["cup_id"],
                "properties": {
                    "cup_id": {"type": "string"},
                    "inside": {"type": "array", "items": {"$ref": "#/components/schemas/Told"}},
                },
            },
        }
    },
}


def post(document: dict[str, Any]) -> Any:
    return document["paths"]["/v1/cups"]["post"]


def asked(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Asked"]


def told(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Told"]


BROKEN: dict[str, Change] = {
    "POST /v1/cups is gone": lambda d: d["paths"]["/v1/cups"].pop("post"),
    "POST /v1/cups no longer answers 404": lambda d: post(d)["responses"].pop("404"),
    "POST /v1/cups no longer takes the parameter query size": lambda d: post(d)["parameters"].clear(),
    "POST /v1/cups now requires the parameter query size": lambda d: post(d)["parameters"][0].update(required=True),
    "POST /v1/cups parameter query size no longer takes m": lambda d: post(d)["parameters"][0]["schema"]["enum"].remove("m"),
    "POST /v1/cups no longer takes a body": lambda d: post(d).pop("requestBody"),
    "POST /v1/cups body now requires with": lambda d: asked(d)["required"].append("with"),
    "POST /v1/cups body no longer takes with": lambda d: asked(d)["properties"].pop("with"),
    "POST /v1/cups body with no longer takes null": lambda d: asked(d)["properties"]["with"]["anyOf"].pop(),
    "POST /v1/cups body tea no longer takes string": lambda d: asked(d)["properties"]["tea"].update(type="integer"),
    "POST /v1/cups body leaves item no longer takes kind": lambda d: asked(d)["properties"]["leaves"]["items"]["properties"].clear(),
    "POST /v1/cups 200 no longer has cup_id": lambda d: told(d)["properties"].pop("cup_id"),
    "POST /v1/cups 200 may now lack cup_id": lambda d: told(d)["required"].clear(),
    "POST /v1/cups 200 cup_id may now be null": lambda d: told(d)["properties"]["cup_id"].update(type=["string", "null"]),
    "POST /v1/cups 200 inside item may now be string": lambda d: told(d)["properties"]["inside"].update(items={"anyOf": [{"$ref": "#/components/schemas/Told"}, {"type": "string"}]}),
}  # fmt: skip


@pytest.mark.parametrize("said", BROKEN)
def test_a_broken_promise_is_named(said: str) -> None:
    new = copy.deepcopy(OLD)
    BROKEN[said](new)
    assert said in rest.breaking(OLD, new)


def test_a_body_that_was_none_may_not_be_required() -> None:
    old = copy.deepcopy(OLD)
    del post(old)["requestBody"]
    new = copy.deepcopy(OLD)
    assert rest.breaking(old, new) == []
    post(new)["requestBody"]["required"] = True
    assert rest.breaking(old, new) == ["POST /v1/cups now requires a body"]


def test_growth_is_welcome() -> None:
    new = copy.deepcopy(OLD)
    new["paths"]["/v1/pots"] = new["paths"]["/v1/cups"]
    post(new)["responses"]["409"] = {"description": "the cup is full"}
    post(new)["parameters"].append({"name": "hot", "in": "query", "schema": {"type": "boolean"}})
    asked(new)["properties"]["milk"] = {"type": "boolean"}
    asked(new)["required"] = []
    told(new)["properties"]["full"] = {"type": "boolean"}
    assert rest.breaking(OLD, new) == []
