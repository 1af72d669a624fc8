"""The REST document: what a caller written against the old one would stumble over in the new one."""

from __future__ import annotations

import asyncio
import importlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from waypost_dev import keyfiles

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


def document() -> dict[str, Any]:
    """The OpenAPI document of this checkout's gateway, which needs no engine to say it."""
    settings = importlib.import_module("gateway_service.settings").Settings
    build = importlib.import_module("gateway_service.app").build
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "service.secret"
        keyfiles.ensure_secret(secret)
        keys = keyfiles.ensure_keys(Path(folder) / "keys.json")
        told = settings(postgres_url="postgresql://nowhere", keys_file=keys, service_secret_file=secret)
        answer: dict[str, Any] = json.loads(asyncio.run(_get(build(told).app, "/openapi.json")))
    return answer


def breaking(old: Schema, new: Schema) -> list[str]:
    """What the new document no longer keeps of the old one, a sentence each with the place."""
    return list(_Comparison(old, new).operations())


async def _get(app: Any, path: str) -> bytes:
    """One request over ASGI, without a socket."""
    parts: list[bytes] = []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"waypost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(parts)


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old
        self._new = new

    def operations(self) -> Iterator[str]:
        for path, methods in self._old["paths"].items():
            for method in METHODS:
                if method in methods:
                    where = f"{method.upper()} {path}"
                    now = self._new["paths"].get(path, {}).get(method)
                    yield from self._operation(where, methods[method], now) if now else [f"{where} is gone"]

    def _operation(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        yield from self._parameters(where, _parameters(old), _parameters(new))
        if body := _body(new.get("requestBody", {})):
            asked = _body(old.get("requestBody", {}))
            if asked:
                yield from self._asked(f"{where} body", asked, body, frozenset())
            elif new["requestBody"].get("required"):
                yield f"{where} now requires a body"
        elif "requestBody" in old:
            yield f"{where} no longer takes a body"
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                yield f"{where} no longer answers {status}"
            elif told := _body(answer):
                now = _body(new["responses"][status]) or {}
                yield from self._told(f"{where} {status}", told, now, frozenset())

    def _parameters(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        for name, parameter in old.items():
            if name not in new:
                yield f"{where} no longer takes the parameter {name}"
            else:
                schemas = parameter["schema"], new[name]["schema"]
                yield from self._asked(f"{where} parameter {name}", *schemas, frozenset())
        for name, parameter in new.items():
            if parameter.get("required") and not old.get(name, {}).get("required"):
                yield f"{where} now requires the parameter {name}"

    def _asked(self, where: str, old: Schema, new: Schema, seen: frozenset[int]) -> Iterator[str]:
        """What callers send: the new document must take all that the old one took."""
        before, after = self._kinds(self._old, old), self._kinds(self._new, new)
        if "any" not in after:
            for kind in before.keys() - after.keys():
                yield f"{where} no longer takes {kind}"
        for was, now in _both(before, after, seen):
            inside = seen | {id(was)}
            if gone := set(was.get("enum", ())) - set(now.get("enum", was.get("enum", ()))):
                yield f"{where} no longer takes {', '.join(sorted(map(str, gone)))}"
            for name in set(now.get("required", ())) - set(was.get("required", ())):
                yield f"{where} now requires {name}"
            for name, schema in was.get("properties", {}).items():
                if name in now.get("properties", {}):
                    yield from self._asked(f"{where} {name}", schema, now["properties"][name], inside)
                else:
                    yield f"{where} no longer takes {name}"
            if "items" in was and "items" in now:
                yield from self._asked(f"{where} item", was["items"], now["items"], inside)

    def _told(self, where: str, old: Schema, new: Schema, seen: frozenset[int]) -> Iterator[str]:
        """What callers read: the new document must say all that the old one said, and in no other type."""
        before, after = self._kinds(self._old, old), self._kinds(self._new, new)
        if "any" not in before:
            for kind in after.keys() - before.keys():
                yield f"{where} may now be {kind}"
        for was, now in _both(before, after, seen):
            inside = seen | {id(was)}
            for name in set(was.get("required", ())) & now.get("properties", {}).keys():
                if name not in now.get("required", ()):
                    yield f"{where} may now lack {name}"
            for name, schema in was.get("properties", {}).items():
                if name in now.get("properties", {}):
                    yield from self._told(f"{where} {name}", schema, now["properties"][name], inside)
                else:
                    yield f"{where} no longer has {name}"
            if "items" in was and "items" in now:
                yield from self._told(f"{where} item", was["items"], now["items"], inside)

    def _kinds(self, document: Schema, schema: Schema) -> dict[str, Schema]:
        """The JSON types that the schema allows, each with what it says of them; `any` when it names none."""
        if "$ref" in schema:
            return self._kinds(document, _follow(document, schema["$ref"]))
        found: dict[str, Schema] = {}
        for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            found |= self._kinds(document, part)
        if found:
            return found
        types = schema.get("type", "any")
        return dict.fromkeys([types] if isinstance(types, str) else types, schema)


def _both(
    before: Mapping[str, Schema], after: Mapping[str, Schema], seen: frozenset[int]
) -> Iterator[tuple[Schema, Schema]]:
    """What both say of the types that they share, without what is being compared already: schemas recur."""
    shared = sorted(before.keys() & after.keys())
    return ((before[kind], after[kind]) for kind in shared if id(before[kind]) not in seen)


def _follow(document: Schema, reference: str) -> Schema:
    at = document
    for step in reference.removeprefix("#/").split("/"):
        at = at[step]
    return at


def _parameters(operation: Schema) -> dict[str, Schema]:
    return {f"{p['in']} {p['name']}": p for p in operation.get("parameters", ())}


def _body(holder: Schema) -> Schema | None:
    """The schema of a request or an answer in JSON."""
    schemas = (content["schema"] for content in holder.get("content", {}).values() if "schema" in content)
    return next(schemas, None)
