"""Personal data and secrets, marked and sent through every door, good ways and bad: they are found nowhere in plain.

Looked through: every log, every answer, the broker's files (subjects, headers, payloads), every column of every
database as its superuser. What a workspace writes itself to be read again, a template's text, may be stored.
"""

import asyncio
import gzip
import json
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from waypost_dev.stack import Stack

from tests.e2e.conftest import handset_messages
from tests.e2e.owner import Owner
from tests.e2e.stored import stored
from tests.e2e.tenants import Answer, Tenant, tenants
from tests.scenario import settle
from tests.waiting import until

ALLOWED = {("dispatch", "templates"): {"template_name"}, ("dispatch", "requests"): {"template_name"}}
"""(service, table) → canaries that it may hold: a template, and the stored answer to who made it."""


AUTHORED = ("/v1/journeys", "/v1/segments", "/v1/templates")
"""Refusals there quote what their author wrote, to say where it is wrong."""


@dataclass(frozen=True)
class Canaries:
    """Values that occur nowhere else, by what they are."""

    values: dict[str, str]

    @classmethod
    def hatch(cls, stack: Stack, tenant: Tenant) -> "Canaries":
        tail = "".join(secrets.choice("0123456789") for _ in range(8))
        mark = secrets.token_hex(5)
        return cls(
            {
                "phone": f"139{tail}",
                "phone_of_property": f"137{tail[::-1]}",
                "phone_asked_for": f"136{tail[3:]}{tail[:3]}",
                "email": f"canary.{mark}@example.com",
                "name": f"金丝雀{mark}",
                "address": f"{mark} 号金丝雀路",
                "id_card": f"31010519{tail}12X",
                "template_name": f"陈{mark[::-1]}",
                "write_key": tenant.workspace.write_key,
                "secret_key": tenant.workspace.secret_key,
                "wrong_key": f"wp_secret_{secrets.token_urlsafe(32)}",
                "provider_secret": stack.env["DISPATCH_SANDBOX_SECRET"],
                "service_secret": Path(stack.env["WAYPOST_SERVICE_SECRET_FILE"]).read_text().strip(),
                "database_password": stack.env["PROFILE_POSTGRES_URL"].partition("@")[0].rpartition(":")[2],
            }
        )

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def found_in(self, data: bytes) -> set[str]:
        """In UTF-8, as JSON escapes it, and as hex or base64-free binary columns show it."""
        return {name for name, value in self.values.items() if any(f in data for f in _forms(value))}

    def personal(self) -> dict[str, object]:
        return {name: self[name] for name in ("phone", "email", "name", "address", "id_card")}


def _forms(value: str) -> Iterator[bytes]:
    yield value.encode()
    yield value.encode().hex().encode()
    if not value.isascii():
        yield json.dumps(value)[1:-1].encode()


async def speak_to_every_door(tenant: Tenant, owner: Owner, canaries: Canaries) -> list[tuple[str, Answer]]:
    """(path, answer) of good calls and bad ones."""
    personal = canaries.personal()
    someone = {"userId": f"{owner.mark}-canary"}
    identify = {**someone, "traits": personal, "messageId": f"{owner.mark}-1"}
    event = f"{owner.mark} Called"
    properties = {**personal, "mobile": canaries["phone_of_property"], "nested": {"a": [canaries["phone"]]}}
    track = {**someone, "event": event, "properties": properties, "messageId": f"{owner.mark}-2"}
    context = {"traits": personal, "externalIds": [{"type": "phone", "id": canaries["phone"]}]}
    batch = [{**identify, "type": "identify"}, {**track, "type": "track", "context": context}]
    broken = json.dumps(track).encode()[:-3]
    wrong = canaries["wrong_key"]
    bad_journey = {
        **owner.journey("tpl_none"),
        "start": canaries["name"],
        canaries["email"]: canaries["phone"],
    }
    write, none = tenant.basic, {"Authorization": ""}
    asked = canaries["phone_asked_for"]
    callback = f"/v1/callbacks/sms/sandbox.{tenant.id}"
    calls: Iterable[tuple[str, str, object, dict[str, str]]] = [
        ("POST", "/v1/identify", identify, write),
        ("POST", "/v1/track", track, write),
        ("POST", "/v1/batch", {"batch": batch}, write),
        ("POST", "/v1/track", broken, write),
        ("POST", "/v1/track", gzip.compress(broken), {**write, "Content-Encoding": "gzip"}),
        ("POST", "/v1/track", gzip.compress(broken)[:-9], {**write, "Content-Encoding": "gzip"}),
        ("POST", "/v1/batch", {"batch": personal}, write),
        (
            "POST",
            "/v1/batch",
            {"batch": [{**track, "type": canaries["name"]}, {**track, "userId": personal}]},
            write,
        ),
        ("POST", "/v1/batch", {"batch": [{**track, "timestamp": canaries["phone"]}], "sentAt": asked}, write),
        ("POST", "/v1/track", {**track, "writeKey": wrong}, none),
        ("POST", f"/v1/track?writeKey={wrong}", track, none),
        ("GET", "/v1/segments", None, {"Authorization": f"Bearer {wrong}"}),
        ("GET", f"/v1/segments?page_token={wrong}", None, {}),
        ("POST", "/v1/profiles:lookup", {"phone": asked}, {}),
        ("POST", "/v1/profiles:lookup", {"phone": canaries["phone"]}, {}),
        ("POST", "/v1/profiles:lookup", {"email": canaries["email"]}, {}),
        ("POST", "/v1/profiles:lookup", {"phone": {"nested": asked}, "extra": canaries["name"]}, {}),
        ("POST", "/v1/profiles:lookup", {"type": "phone", "value": asked}, {}),
        ("POST", "/v1/profiles:lookup", json.dumps({"phone": asked}).encode()[:-1], {}),
        ("GET", f"/v1/profiles/phone:{asked}", None, {}),
        ("GET", f"/v1/messages?profile=email:{canaries['email']}", None, {}),
        ("POST", "/v1/journeys:validate", {"definition": bad_journey}, {}),
        ("POST", "/v1/journeys", {"definition": bad_journey}, {}),
        ("POST", "/v1/segments", {"name": "x", "rule": {"trait": "a", "op": canaries["phone"]}}, {}),
        (
            "POST",
            "/v1/templates",
            {"name": "x", "channel": "sms", "text": f"{{{{ '{canaries['phone']}' | no"},
            {},
        ),
        ("POST", callback, {"phone": canaries["phone"], "sign": canaries["provider_secret"]}, none),
        ("POST", callback, canaries["phone"].encode(), {**none, "X-Signature": canaries["provider_secret"]}),
    ]
    return [(path, await tenant.call(method, path, body, **headers)) for method, path, body, headers in calls]


@asynccontextmanager
async def database_away(stack: Stack, service: str) -> AsyncIterator[None]:
    admin = await asyncpg.connect(stack.engines.postgres_url)
    try:
        await admin.execute(f"ALTER DATABASE waypost_{service} ALLOW_CONNECTIONS false")
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", f"waypost_{service}"
        )
        yield
    finally:
        await admin.execute(f"ALTER DATABASE waypost_{service} ALLOW_CONNECTIONS true")
        await admin.close()


async def rows_with(stack: Stack, canaries: Canaries) -> set[tuple[str, str, str]]:
    """(service, table, canary) wherever a row of any table holds one."""
    return await stored(
        stack, [(name, form.decode()) for name, value in canaries.values.items() for form in _forms(value)]
    )


def files_with(folder: Path, canaries: Canaries) -> set[tuple[str, str]]:
    """(file, canary) of all files below."""
    return {
        (path.name, name)
        for path in folder.rglob("*")
        if path.is_file()
        for name in canaries.found_in(path.read_bytes())
    }


async def test_no_canary_is_found_in_plain(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant]:
        owner = Owner(tenant, f"own{secrets.token_hex(6)}")
        canaries = Canaries.hatch(stack, tenant)
        await owner.move_in(
            greeting=f"亲爱的{canaries['template_name']} {{{{ entry.name }}}}{{{{ entry.who }}}}"
        )
        answers = await speak_to_every_door(tenant, owner, canaries)
        async with tenant.client() as client:
            await settle(stack, client, seconds=60)

            async def reached() -> bool:
                texts = [str(m["to"]) for m in await handset_messages(stack)]
                return any(canaries["phone"] in to for to in texts)

            await until(reached, seconds=30)
            person = await tenant.call("GET", f"/v1/profiles/user_id:{owner.mark}-canary")
            lists = [
                await tenant.call("GET", path)
                for path in ("/v1/messages", "/v1/runs", "/v1/ingestion/issues")
            ]
        async with database_away(stack, "profile"):
            away = [
                await tenant.call("POST", "/v1/profiles:lookup", {"phone": canaries["phone_asked_for"]}),
                await tenant.call("GET", f"/v1/profiles/user_id:{canaries['name']}"),
            ]
        assert {answer.status for answer in away} <= {503, 504}

        async def back() -> bool:
            return (await tenant.call("GET", f"/v1/profiles/user_id:{owner.mark}-canary")).status == 200

        await until(back, seconds=30)

    for path, answer in [*answers, *(("", one) for one in away)]:
        if answer.status >= 400 and not path.startswith(AUTHORED):
            shown = canaries.found_in(answer.text.encode())
            assert not shown, f"{path} answered {answer.status} {answer.text} shows {shown}"
    assert {answer.status for _, answer in answers} >= {200, 400, 401, 404, 422}
    seen = canaries.found_in("".join(one.text for one in lists).encode())
    assert not seen, f"lists show {seen}"
    assert canaries.found_in(person.text.encode()) <= {"name", "address", "id_card"}, (
        "numbers are shown masked"
    )

    logs = await asyncio.to_thread(files_with, stack.home / "logs", canaries)
    assert not logs
    broker = await asyncio.to_thread(files_with, stack.home / "nats", canaries)
    assert not broker
    rows = await rows_with(stack, canaries)
    assert not {(s, t, c) for s, t, c in rows if c not in ALLOWED.get((s, t), set())}
    assert {(s, t) for s, t, _ in rows} == set(ALLOWED), "the search finds what is there"
