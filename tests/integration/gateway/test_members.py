"""Members: invited by address, bound to the provider's own id at the first visit, confined by role."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import pytest
from gateway_service.oidc import Issuer
from gateway_service.store.keys import KeyStore
from joserfc.jwk import OctKey, RSAKey

from tests.integration.gateway.conftest import Running
from tests.integration.gateway.provider import AUDIENCE, Provider, running_provider

ANNA = "anna@example.com"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running_provider() as provider:
        yield provider


@pytest.fixture
async def gateway(
    start_gateway: Callable[..., AbstractAsyncContextManager[Running]], nats_url: str, provider: Provider
) -> AsyncIterator[Running]:
    more = {"oidc_issuer": provider.url, "oidc_audience": AUDIENCE}
    async with start_gateway(nats_url, **more) as served:
        yield served


def bearer(token: str, workspace: Any = None) -> dict[str, str]:
    named = {"X-Waypost-Workspace": str(workspace)} if workspace else {}
    return {"Authorization": f"Bearer {token}", **named}


def of(provider: Provider, subject: str = "anna", email: str = ANNA, **more: Any) -> str:
    return provider.token(subject, email=email, email_verified=True, **more)


async def invite(gateway: Running, headers: dict[str, str] | None = None, **wanted: Any) -> Any:
    body = {"email": ANNA, "name": "Anna 安娜", "role": "marketer", **wanted}
    return await gateway.call("POST", "/v1/members", body, headers or gateway.bearer)


async def me(gateway: Running, headers: dict[str, str]) -> tuple[int, Any]:
    status, answer, _ = await gateway.call("GET", "/v1/me", None, headers)
    return status, answer


async def test_an_invited_member_comes_with_a_token(gateway: Running, provider: Provider) -> None:
    status, member, _ = await invite(gateway)
    assert (status, member["state"], member["created_by"]) == (201, "invited", "default secret key")
    status, found = await me(gateway, bearer(of(provider, email="Anna@Example.com")))
    assert (status, found["name"], found["kind"]) == (200, f"member:{member['member_id']}", "member")
    assert "journeys:write" in found["scopes"]
    status, listed, _ = await gateway.call("GET", "/v1/members", None, gateway.bearer)
    assert [(one["email"], one["name"], one["state"]) for one in listed["items"]] == [
        (ANNA, "Anna 安娜", "active")
    ]
    # From now on the provider's own id of the person counts, whatever the address is.
    assert (await me(gateway, bearer(of(provider, email="married@example.com"))))[0] == 200


async def test_an_address_given_to_somebody_else_opens_nothing(gateway: Running, provider: Provider) -> None:
    await invite(gateway)
    assert (await me(gateway, bearer(of(provider, "anna"))))[0] == 200
    status, answer = await me(gateway, bearer(of(provider, "successor")))
    assert (status, answer["reason"]) == (403, "NOT_A_MEMBER")


async def test_an_unverified_address_opens_nothing(gateway: Running, provider: Provider) -> None:
    await invite(gateway)
    for claims in ({}, {"email_verified": False}, {"email_verified": "true"}, {"email_verified": 1}):
        status, answer = await me(gateway, bearer(provider.token(email=ANNA, **claims)))
        assert (status, answer["reason"]) == (403, "NOT_A_MEMBER")


async def test_tokens_that_are_not_for_us(gateway: Running, provider: Provider) -> None:
    await invite(gateway)
    good = of(provider)
    head, body, signature = good.split(".")
    strange = RSAKey.generate_key(2048, {"kid": "one"})
    shared = OctKey.generate_key(256, {"kid": "one"})
    for token, says in (
        (of(provider, iss="https://elsewhere.example"), "issuer"),
        (of(provider, aud="other"), "audience"),
        (of(provider, aud=["other"]), "audience"),
        (of(provider, aud=None), "audience"),
        (of(provider, exp=1_000_000_000), "expired"),
        (of(provider, exp=None), "expired"),
        (of(provider, exp="tomorrow"), "expired"),
        (of(provider, nbf=4_000_000_000), "not valid yet"),
        (of(provider, sub=""), "subject"),
        (of(provider, key=strange), "signature"),
        (f"{head}.{body}.{signature[:-4]}AAAA", "signature"),
        (f"{head}.{body}.", "signature"),
        ("eyJhbGciOiJub25lIn0." + body + ".", "signature"),
        (of(provider, key=shared, algorithm="HS256"), "signature"),
        ("a.b.c", "signature"),
        ("nonsense", "signature"),
        ("é", "signature"),
        ("a" * 20_000, "too long"),
    ):
        status, answer = await me(gateway, bearer(token))
        assert (status, answer["reason"]) == (401, "UNAUTHENTICATED"), token
        assert says in answer["detail"], (token, answer["detail"])
    assert (await me(gateway, bearer(of(provider, aud=["other", AUDIENCE]))))[0] == 200
    assert (await me(gateway, bearer(of(provider, key=provider.keys[1], algorithm="ES256"))))[0] == 200


async def test_the_providers_keys_may_change(
    gateway: Running, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway_service.oidc.PAUSE_S", 0.0)
    await invite(gateway)
    assert (await me(gateway, bearer(of(provider))))[0] == 200
    asked = provider.asked
    provider.keys = [RSAKey.generate_key(2048, {"kid": "three"})]
    assert (await me(gateway, bearer(of(provider))))[0] == 200
    assert provider.asked == asked + 1


async def test_made_up_keys_do_not_make_us_ask_again_and_again(gateway: Running, provider: Provider) -> None:
    await invite(gateway)
    strange = RSAKey.generate_key(2048, {"kid": "made-up"})
    for n in range(20):
        assert (await me(gateway, bearer(of(provider, f"p{n}", key=strange))))[0] == 401
    assert provider.asked == 1
    assert (await me(gateway, bearer(of(provider))))[0] == 200


async def test_without_the_provider_known_keys_serve_on(
    gateway: Running, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway_service.oidc.PAUSE_S", 0.0)
    monkeypatch.setattr("gateway_service.oidc.REFRESH_S", 0.0)
    provider.answers = False
    status, answer = await me(gateway, bearer(of(provider)))
    assert (status, answer["reason"]) == (503, "PROVIDER_UNAVAILABLE")
    provider.answers = True
    await invite(gateway)
    assert (await me(gateway, bearer(of(provider))))[0] == 200
    provider.answers = False
    assert (await me(gateway, bearer(of(provider, "anna", jti="2"))))[0] == 200


async def test_a_provider_that_names_another_issuer_is_not_believed(
    gateway: Running, provider: Provider
) -> None:
    provider.claims_to_be = "https://elsewhere.example"
    status, answer = await me(gateway, bearer(of(provider)))
    assert (status, answer["reason"]) == (503, "PROVIDER_UNAVAILABLE")


async def test_a_role_is_what_one_may_do(gateway: Running, provider: Provider) -> None:
    _, member, _ = await invite(gateway, role="analyst")
    token = bearer(of(provider))
    status, answer, _ = await gateway.call("GET", "/v1/members", None, token)
    assert (status, answer["reason"]) == (403, "SCOPE_MISSING")
    path = f"/v1/members/{member['member_id']}"
    status, changed, _ = await gateway.call("PATCH", path, {"role": "administrator"}, gateway.bearer)
    assert (status, changed["role"], changed["state"]) == (200, "administrator", "active")
    assert (await gateway.call("GET", "/v1/members", None, token))[0] == 200
    # An administrator gives out no more than an administrator's rights, and takes none from an owner.
    status, answer, _ = await invite(gateway, token, email="b@example.com", role="owner")
    assert (status, answer["reason"]) == (403, "RIGHTS_EXCEEDED")
    _, owner, _ = await invite(gateway, email="o@example.com", role="owner")
    for method, body in (("PATCH", {"role": "analyst"}), ("DELETE", None)):
        status, answer, _ = await gateway.call(method, f"/v1/members/{owner['member_id']}", body, token)
        assert (status, answer["reason"]) == (403, "RIGHTS_EXCEEDED")
    status, removed, _ = await gateway.call("DELETE", path, None, gateway.bearer)
    assert (status, removed["email"]) == (200, ANNA)
    assert (await me(gateway, token))[1]["reason"] == "NOT_A_MEMBER"
    assert (await gateway.call("GET", path, None, gateway.bearer))[0] == 404


async def test_the_last_who_gives_out_rights_stays(gateway: Running, provider: Provider) -> None:
    _, owner, _ = await invite(gateway, role="owner")
    token = bearer(of(provider))
    assert (await me(gateway, token))[0] == 200
    _, keys, _ = await gateway.call("GET", "/v1/api-keys", None, gateway.bearer)
    [secret] = [key["key_id"] for key in keys["items"] if key["kind"] == "secret"]
    assert (await gateway.call("POST", f"/v1/api-keys/{secret}:revoke", None, token))[0] == 200
    for method, body in (("PATCH", {"role": "analyst"}), ("DELETE", None)):
        status, answer, _ = await gateway.call(method, f"/v1/members/{owner['member_id']}", body, token)
        assert (status, answer["reason"]) == (409, "LAST_OWNER")


async def test_a_member_of_two_workspaces_names_one(gateway: Running, provider: Provider) -> None:
    other = await KeyStore(gateway.gateway.database).create_workspace("other")
    await invite(gateway)
    await invite(gateway, {"Authorization": f"Bearer {other.secret_key}"}, role="analyst")
    status, answer = await me(gateway, bearer(of(provider)))
    assert (status, answer["reason"]) == (400, "WORKSPACE_AMBIGUOUS")
    assert str(other.workspace_id) in answer["detail"]
    for workspace, reads_only in ((gateway.workspace_id, False), (other.workspace_id, True)):
        status, found = await me(gateway, bearer(of(provider), workspace))
        assert (status, UUID(found["workspace_id"])) == (200, workspace)
        assert ("journeys:write" not in found["scopes"]) is reads_only
    status, answer = await me(gateway, bearer(of(provider), UUID(int=1)))
    assert (status, answer["reason"]) == (403, "NOT_A_MEMBER")


async def test_who_is_confined_sees_nothing_that_is_wider(gateway: Running, provider: Provider) -> None:
    await invite(gateway, role="owner", org_units=["s1", "s1"])
    token = bearer(of(provider))
    assert (await me(gateway, token))[1]["org_units"] == ["s1"]
    for path in ("/v1/members", "/v1/segments", "/v1/messages", "/v1/audit"):
        status, answer, _ = await gateway.call("GET", path, None, token)
        assert (status, answer["reason"]) == (403, "ORG_UNIT_CONFINED"), path


@pytest.mark.parametrize(
    ("wanted", "status", "reason"),
    [
        ({"role": "king"}, 400, "ROLE_UNKNOWN"),
        ({"email": "nobody"}, 422, "FIELD_INVALID"),
        ({"email": None}, 422, "FIELD_INVALID"),
        ({"org_units": ["x" * 200]}, 400, "FIELD_INVALID"),
    ],
)
async def test_what_is_wrong_is_said(gateway: Running, wanted: Any, status: int, reason: str) -> None:
    code, answer, _ = await invite(gateway, **wanted)
    assert (code, answer["reason"]) == (status, reason)
    assert answer["errors"]


async def test_an_address_is_invited_once(gateway: Running) -> None:
    once = {**gateway.bearer, "Idempotency-Key": "a"}
    _, first, _ = await invite(gateway, once)
    _, again, _ = await invite(gateway, once)
    assert again["member_id"] == first["member_id"]
    assert (await invite(gateway, once, role="analyst"))[1]["reason"] == "REQUEST_ID_REUSED"
    status, answer, _ = await invite(gateway, email="ANNA@example.com")
    assert (status, answer["reason"]) == (409, "EMAIL_TAKEN")


async def test_who_the_members_are_is_sealed(gateway: Running) -> None:
    await invite(gateway)
    async with gateway.gateway.database.transaction(gateway.workspace_id) as tx:
        stored = [dict(row) for row in await tx.fetch("SELECT * FROM members")]
        stored += [dict(row) for row in await tx.fetch("SELECT * FROM member_logins")]
    assert len(stored) == 2
    for secret in (ANNA, "安娜"):
        assert secret not in str(stored)
        assert all(secret.encode() not in v for row in stored for v in row.values() if isinstance(v, bytes))


async def test_roles_are_said_in_both_languages(gateway: Running) -> None:
    status, roles, _ = await gateway.call("GET", "/v1/roles", None, gateway.bearer)
    assert status == 200
    assert {role["role"] for role in roles["items"]} >= {"owner", "marketer", "analyst", "auditor"}
    assert all(
        role[text][language]
        for role in roles["items"]
        for text in ("label", "description")
        for language in ("en", "zh")
    )


@pytest.mark.parametrize(
    ("url", "audience", "algorithms"),
    [
        ("http://idp.example.com", "a", ("RS256",)),
        ("ftp://idp.example.com", "a", ("RS256",)),
        ("https://idp.example.com", "", ("RS256",)),
        ("https://idp.example.com", "a", ("HS256",)),
        ("https://idp.example.com", "a", ("RS256", "none")),
    ],
)
def test_an_issuer_that_would_not_be_safe_is_refused_at_the_start(
    url: str, audience: str, algorithms: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=r"https|audience|not safe"):
        Issuer(url, audience, algorithms)
