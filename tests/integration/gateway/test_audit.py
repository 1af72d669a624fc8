"""The audit log: every change twice, chained, and never without it."""

import asyncio
from hashlib import sha256
from typing import Any

import asyncpg
import msgspec
import pytest
from gateway_service.app import build
from gateway_service.auth import Needs
from gateway_service.settings import Settings
from gateway_service.store.audit import AuditStore
from gateway_service.store.keys import KeyStore

from tests.integration.gateway.conftest import Running

READS_BY_POST = {
    "lookup",
    "batch_get_profiles",
    "search_profiles",
    "validate_journey",
    "explain",
    "describe_rule",
    "dry_run_identity_settings",
    "check_identity",
}
"""They change nothing: POST keeps what is asked about out of the address."""
OPEN = {
    "livez",
    "readyz",
    "record_callback",
    "preflight",
    "ask_to_unsubscribe",
    "unsubscribe",
    "show_form",
    "submit_form",
    "look_for_form",
    "form_preflight",
    "scan_qr_code",
    "look_for_qr_code",
}
"""They need no scope; a provider's callback and an unsubscribe link bring a signature of their own, and forms and codes
are for everybody."""


async def key_made(gateway: Running, name: str = "shop", headers: Any = None) -> tuple[int, Any]:
    body = {"name": name, "kind": "secret", "scopes": ["profiles:read"]}
    status, answer, _ = await gateway.call("POST", "/v1/api-keys", body, headers or gateway.bearer)
    return status, answer


async def changes(gateway: Running, query: str = "") -> list[Any]:
    status, answer, _ = await gateway.call("GET", f"/v1/audit{query}", None, gateway.bearer)
    assert status == 200, answer
    return list(answer["items"])


async def verified(gateway: Running) -> Any:
    status, answer, _ = await gateway.call("GET", "/v1/audit:verify", None, gateway.bearer)
    assert status == 200
    return answer


async def as_owner(gateway: Running, statement: str) -> None:
    """Runs it with the rights of whoever governs the database."""
    url = gateway.gateway.database._url.replace("gateway_app", "gateway_owner")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"SET app.workspace_id = '{gateway.workspace_id}'; {statement}")
    finally:
        await connection.close()


async def test_a_change_is_written_down_with_who_and_what(gateway: Running) -> None:
    headers = {**gateway.bearer, "X-Request-Id": "req-1"}
    _, key = await key_made(gateway, headers=headers)
    path = f"/v1/api-keys/{key['key_id']}"
    _, before, _ = await gateway.call("GET", path, None, gateway.bearer)
    _, after, _ = await gateway.call("POST", f"{path}:revoke", None, gateway.bearer)
    revoked, made = await changes(gateway)
    assert (made["actor"], made["action"], made["object"]) == ("default secret key", "create_api_key", path)
    assert (made["outcome"], made["status"], made["request_id"]) == ("done", 201, "req-1")
    assert (revoked["action"], revoked["object"], revoked["outcome"]) == ("revoke_api_key", path, "done")
    assert revoked["before_hash"] == sha256(msgspec.json.encode(before)).hexdigest()
    assert revoked["after_hash"] == sha256(msgspec.json.encode(after)).hexdigest()
    assert made["body_hash"] != ""
    assert key["key"] not in str(await stored(gateway))


async def stored(gateway: Running) -> list[Any]:
    async with gateway.gateway.database.transaction(gateway.workspace_id) as tx:
        return [dict(row) for row in await tx.fetch("SELECT * FROM audit_log ORDER BY seq")]


async def test_refused_attempts_are_written_down_too(gateway: Running) -> None:
    _, reader = await key_made(gateway)
    weak = {"Authorization": f"Bearer {reader['key']}"}
    assert (await key_made(gateway, "more", weak))[0] == 403
    assert (await gateway.call("POST", "/v1/api-keys", {"name": 1}, gateway.bearer))[0] == 422
    assert (await gateway.call("POST", "/v1/api-keys", b"{", gateway.bearer))[0] == 422
    found = await changes(gateway)
    assert [(one["actor"], one["outcome"], one["status"]) for one in found[:-1]] == [
        ("default secret key", "refused", 422),
        ("default secret key", "refused", 422),
        ("shop", "refused", 403),
    ]


async def test_a_fault_on_the_way_shows_as_unknown(gateway: Running) -> None:
    body = {"name": "all", "rule": {"everyone": True}}
    status, _, _ = await gateway.call("POST", "/v1/segments", body, gateway.bearer)
    assert status == 503  # no such service here
    [change] = await changes(gateway)
    assert (change["action"], change["outcome"], change["status"]) == ("create_segment", "unknown", 503)


async def test_filters_and_pages(gateway: Running) -> None:
    for n in range(5):
        await key_made(gateway, f"k{n}")
    _, other, _ = await gateway.call(
        "POST", "/v1/members", {"email": "a@b.co", "role": "analyst"}, gateway.bearer
    )
    assert len(await changes(gateway, "?action=create_api_key")) == 5
    assert [c["action"] for c in await changes(gateway, f"?object=/v1/members/{other['member_id']}")] == []
    assert len(await changes(gateway, "?object=/v1/members")) == 1
    assert await changes(gateway, "?actor=nobody") == []
    assert await changes(gateway, "?until=2020-01-01T00:00:00Z") == []
    assert len(await changes(gateway, "?since=2020-01-01T00:00:00Z")) == 6
    seen, token = [], ""
    while True:
        path = f"/v1/audit?page_size=2&page_token={token}"
        _, page, _ = await gateway.call("GET", path, None, gateway.bearer)
        seen += [one["seq"] for one in page["items"]]
        token = page["next_page_token"]
        if not token:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 6
    status, answer, _ = await gateway.call("GET", "/v1/audit?since=2020-01-01T00:00:00", None, gateway.bearer)
    assert (status, answer["reason"]) == (422, "FIELD_INVALID")


async def test_changes_at_once_stand_in_one_chain(gateway: Running) -> None:
    await asyncio.gather(*(key_made(gateway, f"k{n}") for n in range(20)))
    answer = await verified(gateway)
    assert (answer["whole"], answer["entries"], answer["broken_at"]) == (True, 40, None)
    assert answer["head"] == (await stored(gateway))[-1]["hash"].hex()


async def test_the_application_cannot_change_or_remove_an_entry(gateway: Running) -> None:
    await key_made(gateway)
    for statement in ("UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with gateway.gateway.database.transaction(gateway.workspace_id) as tx:
                await tx.execute(statement)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit_log SET actor = 'somebody' WHERE seq = 3", 3),
        ("UPDATE audit_log SET object = '/v1/else' WHERE seq = 4", 4),
        ("UPDATE audit_log SET at = at + interval '1 s' WHERE seq = 2", 2),
        ("UPDATE audit_log SET status = 200 WHERE seq = 2", 2),
        ("DELETE FROM audit_log WHERE seq = 1", 1),
        ("DELETE FROM audit_log WHERE seq = 3", 3),
        ("DELETE FROM audit_log WHERE seq = 6", 6),
        ("DELETE FROM audit_log", 1),
    ],
)
async def test_what_an_administrator_of_the_database_changes_shows(
    gateway: Running, tampering: str, broken_at: int
) -> None:
    for n in range(3):
        await key_made(gateway, f"k{n}")
    assert (await verified(gateway))["whole"]
    await as_owner(gateway, tampering)
    answer = await verified(gateway)
    assert (answer["whole"], answer["broken_at"], answer["entries"]) == (False, broken_at, broken_at - 1)


async def test_without_the_log_nothing_is_changed(own_gateway: Running) -> None:
    await as_owner(own_gateway, "ALTER TABLE audit_log RENAME TO audit_log_away")
    status, _ = await key_made(own_gateway)
    assert status == 500
    _, listed, _ = await own_gateway.call("GET", "/v1/api-keys", None, own_gateway.bearer)
    assert "shop" not in [key["name"] for key in listed["items"]]


async def test_workspaces_have_logs_of_their_own(gateway: Running) -> None:
    await key_made(gateway)
    other = await KeyStore(gateway.gateway.database).create_workspace("audited beside")
    stranger = {"Authorization": f"Bearer {other.secret_key}"}
    _, answer, _ = await gateway.call("GET", "/v1/audit", None, stranger)
    assert answer["items"] == []
    found = await AuditStore(gateway.gateway.database).verify(other.workspace_id)
    assert (found.entries, found.broken_at) == (0, None)


def test_every_route_names_its_scope_and_every_change_is_audited(
    gateway_secrets: Any,
) -> None:
    keys, secret = gateway_secrets
    settings = Settings(
        listen="127.0.0.1:0",
        postgres_url="postgresql://nobody@127.0.0.1:1/none",
        keys_file=keys,
        service_secret_file=secret,
    )
    routes = build(settings).routes
    assert len(routes) > 40
    for route in routes:
        scopes = [
            needed.call.scope for needed in route.dependant.dependencies if isinstance(needed.call, Needs)
        ]
        if "ingestion" in (route.tags or ()) and not scopes:
            continue  # a write key, checked before the framework
        if route.name in OPEN or route.name == "who_am_i":
            assert not scopes
            continue
        assert len(scopes) == 1, route.path
        changes = bool(route.methods - {"GET"}) and route.name not in READS_BY_POST
        assert scopes[0].endswith(":write") is changes, route.path
