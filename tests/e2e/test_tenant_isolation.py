"""Everything one workspace has, in the hands of another, on every route of the interface: nothing is seen or changed.

Routes come from the OpenAPI document. What a route takes in its path and query is known by name; a route that takes
something new, or a body, and has no line here makes the test fail.
"""

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from waypost_dev.stack import Stack

from tests.e2e.owner import Owner
from tests.e2e.tenants import Answer, Tenant, tenants
from tests.waiting import until

OPEN = {
    ("get", "/livez"),
    ("get", "/readyz"),
    ("post", "/v1/callbacks/{channel}/{account}"),
    ("get", "/u/{token}"),
    ("post", "/u/{token}"),
    ("get", "/f/{form_token}"),
    ("post", "/f/{form_token}"),
    ("get", "/q/{qr_token}"),
}
"""Answered without a key: a callback and an unsubscribe link are signed, an open form and a code are for everybody."""


def bodies(owner: Owner) -> dict[str, Any]:
    """Operation → a body that is right for it and speaks of what the owner has."""
    definition = {"definition": owner.journey(owner.path["template_id"])}
    return {
        "ingest_batch": {"batch": [owner.track("Again"), owner.identify()]},
        **{f"ingest_{kind}": owner.track("Again") for kind in ("track", "page", "screen", "identify")},
        "ingest_group": {**owner.track("Again"), "groupId": owner.mark},
        "ingest_alias": {"userId": owner.user, "previousId": f"{owner.mark}-device"},
        "lookup": {"type": "user_id", "value": owner.user},
        "batch_get_profiles": {
            "profiles": [owner.path["profile"], f"user_id:{owner.user}", "phone:+8613611112222"]
        },
        "search_profiles": {"phone_last4": "2222"},
        "correct_profile": {"traits": {"nick": "changed"}},
        "create_segment": {"name": owner.mark, "rule": owner.rule()},
        "explain": {"profile": owner.path["profile"]},
        "describe_rule": {"rule": owner.rule()},
        "replay_issue": {},
        "dismiss_issue": None,
        "unsubscribe": None,
        "create_journey": definition,
        "validate_journey": definition,
        "publish_journey": None,
        "pause_journey": None,
        "resume_journey": None,
        "compute_rfm": {"as_of": "2026-01-01T00:00:00Z"},
        "create_template": {"name": owner.mark, "channel": "sms", "text": "x"},
        "set_limit": {**owner.limit(), "per_second": 1},
        "create_api_key": {"name": owner.mark, "kind": "secret", "scopes": ["profiles:read"]},
        "rotate_api_key": {},
        "rotate_data_key": None,
        "revoke_api_key": None,
        "invite_member": {"email": f"{owner.mark}@example.com", "name": owner.mark, "role": "analyst"},
        "change_member": {"role": "auditor"},
        "remove_member": None,
        "create_import": owner.row(),
        "start_import": {"dry_run": True},
        "cancel_import": None,
        "delete_import": None,
        "put_identity_settings": {"suspect_after": 20},
        "dry_run_identity_settings": {"settings": {}},
        "check_identity": None,
        "block_identifier": {"reason": owner.mark},
        "release_identifier": {"reason": owner.mark},
        "undo_decision": {"reason": owner.mark},
        "merge_profiles": {"with": f"anonymous_id:{owner.mark}-device", "reason": owner.mark},
        "split_profile": {
            "identifiers": [{"type": "anonymous_id", "value": f"{owner.mark}-device"}],
            "reason": owner.mark,
        },
        "set_source": {"name": owner.mark, "priority": 60},
        "set_trait_rule": {"name": owner.mark, "keep_all": True},
        "set_org_unit": owner.org_unit(),
        "set_staff_member": owner.staff_member(),
        "add_relation": {"staff_id": owner.path["staff_id"], "kind": "wecom"},
        "end_relation": {"ended_by": "customer"},
        "transfer_relation": {"to_staff_id": owner.path["staff_id"]},
        "transfer_staff_relations": {"to_staff_id": owner.path["staff_id"]},
        "set_account": owner.account(),
        "set_account_member": {"profile": owner.path["profile"], "role": "buyer"},
        "set_event_schema": owner.event_schema(),
        "delete_event_schema": {"event": f"{owner.mark} Called"},
        "set_ingestion_policy": {"personal_keys": [owner.mark]},
        "set_currency": {"currency": "EUR"},
        "set_exchange_rates": {"rates": [owner.rate("USD")]},
        "set_retention": {"events": [{"event": owner.mark, "days": 7}]},
        "record_consent": {"state": "withdrawn", "channel": "sms"},
        "grant_credit": {"app_id": "wx1", "template_id": owner.mark},
        "use_credit": {"message_id": owner.mark, "app_id": "wx1", "template_id": owner.mark},
        "set_opt_out_words": {"words": [owner.mark]},
        "set_consent_settings": {"consent_required": True},
        "add_suppression": {"channel": "sms", "address": "+8613611112222", "note": owner.mark},
        "lift_suppression": {"channel": "sms", "address": "+8613611112222", "note": owner.mark},
        "request_privacy": {"kind": "erase", "profile": owner.path["profile"]},
        "readmit": {
            "identifiers": [{"type": "user_id", "value": owner.user}],
            "consent": {"channel": "sms", "purpose": "marketing", "legal_basis": "consent"},
        },
        "create_form": owner.form(),
        "replace_form": owner.form(),
        "delete_form": None,
        "publish_form": None,
        "close_form": None,
        "make_form_link": {"identifier": {"type": "user_id", "id": owner.user}},
        "submit_form": {"answers": {"nick": owner.mark}},
        "create_qr_code": owner.qr_code(),
        "replace_qr_code": owner.qr_code(),
        "delete_qr_code": None,
        "note_scan": {
            "scene": owner.mark,
            "identifiers": [{"type": "user_id", "id": owner.user}],
            "message_id": owner.mark,
        },
        "record_callback": {"messageId": owner.path["message_id"], "state": "failed"},
    }


ECHOES = {
    "describe_rule",
    "create_segment",
    "create_template",
    "create_journey",
    "set_limit",
    "create_api_key",
    "invite_member",
    "set_source",
    "set_trait_rule",
    "set_org_unit",
    "set_staff_member",
    "set_account",
    "set_event_schema",
    "set_ingestion_policy",
    "set_retention",
    "set_opt_out_words",
    "set_exchange_rates",
    "add_suppression",
    "create_import",
    "create_form",
    "create_qr_code",
}
"""Operations that answer with what the caller wrote itself."""


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


@pytest.fixture(scope="module")
async def document(stack: Stack) -> dict[str, Any]:
    async with tenants(stack, 1) as [someone]:
        found: dict[str, Any] = (await someone.call("GET", "/openapi.json")).body
    return found


async def test_every_route_asks_for_a_key_of_the_right_kind(stack: Stack, document: dict[str, Any]) -> None:
    async with tenants(stack, 1) as [tenant]:
        owner = Owner(tenant, "nobody")
        for method, path, operation in operations(document):
            if (method, path) in OPEN:
                assert not operation.get("security"), path
                continue
            assert operation["security"], f"{path} is documented as open"
            url = re.sub(r"{\w+}", owner.mark, path)
            writes = operation["operationId"].startswith("ingest_")
            wrong = tenant.bearer if writes else tenant.basic
            for headers in ({"Authorization": ""}, wrong):
                answer = await tenant.call(method, url, {"batch": []}, **headers)
                assert answer.status == 401, f"{method} {path} answered {answer.status} {answer.text}"


async def test_what_one_workspace_has_another_neither_sees_nor_changes(
    stack: Stack, document: dict[str, Any]
) -> None:
    async with tenants(stack, 4) as [first, reader, writer, silent]:
        owner = Owner(first, f"own{secrets.token_hex(6)}")
        await owner.move_in()
        before = await owner.state()
        nobody = owner.double()
        known = bodies(owner)
        for method, path, operation in operations(document):
            name = operation["operationId"]
            if method != "get":
                assert name in known, (
                    f"{method.upper()} {path}: say in bodies() what another workspace would send"
                )
            for query in queries(operation):
                what = f"{method.upper()} {path}{query}"
                # What is written is the writer's own from then on, so questions come from who wrote nothing.
                caller = writer if name in ECHOES or name.startswith("ingest_") else reader
                if name == "list_changes":
                    caller = silent  # the reader's own attempts are in the reader's log
                theirs = await ask(caller, owner, method, path + query, operation)
                assert theirs.status < 500, f"{what} answered {theirs.status}: {theirs.text}"
                if name not in ECHOES:
                    seen = {value for value in owner.secrets if value in told(theirs)}
                    assert not seen, f"{what} shows {seen}: {theirs.text}"
                if "{" in path + query:
                    nothing = await ask(caller, nobody, method, path + query, operation)
                    assert told(theirs) == told(nothing), f"{what} tells that it exists"
        assert await owner.state() == before


def queries(operation: dict[str, Any]) -> list[str]:
    """None at all, and each query parameter that may name what the owner has."""
    known = {
        "profile": "{profile}",
        "journey_id": "{journey_id}",
        "state": "delivered",
        "page_size": "3",
        "page_token": "",
        "as_of": "2026-01-01T00:00:00Z",
        "kind": "event",
        "lifted": "true",
        "prefix": "own&kind=event",
        "actor": "default%20secret%20key",
        "action": "journeys",
        "object": "/v1/journeys/{journey_id}",
        "since": "2026-01-01T00:00:00Z",
        "until": "2036-01-01T00:00:00Z",
        "name": "own",
        "source": "crm",
        "format": "csv",
        "encoding": "gbk",
        "delimiter": "tab",
        "header": "true",
        "mapping": "{{}}",
        "dry_run": "true",
        "language": "zh",
        "fields": "profile_id,traits.nick",
        "personal": "true",
        "with": "{profile}",
        "reason": "unique",
        "under": "{org_unit_id}",
        "org_unit": "{org_unit_id}",
        "active_only": "true",
        "created_from": "2020-01-01T00:00:00Z",
        "created_to": "2036-01-01T00:00:00Z",
        "updated_from": "2020-01-01T00:00:00Z",
        "updated_to": "2036-01-01T00:00:00Z",
        "identifier_type": "user_id",
        "types": "event,message",
        "after": "",
        "days": "7",
        "lang": "zh",
        "qr": "{qr_token}",
        "scale": "2",
        "margin": "1",
        "correction": "H",
        "currency": "USD",
    }
    if operation["operationId"] == "list_quarantine":
        known["state"] = "released"
    if operation["operationId"] == "list_api_keys":
        known["state"] = "all"
    named = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    assert set(named) <= set(known), (
        f"{operation['operationId']}: say in queries() what {named} of the owner are"
    )
    return ["", *(f"?{name}={known[name]}" for name in named if known[name])]


async def ask(caller: Tenant, owner: Owner, method: str, path: str, operation: dict[str, Any]) -> Answer:
    """What the caller gets who asks for what the owner has."""
    name = operation["operationId"]
    headers = caller.basic if name.startswith("ingest_") else {}
    headers = {**headers, "Idempotency-Key": owner.mark}
    return await caller.call(method.upper(), path.format(**owner.path), bodies(owner).get(name), **headers)


def told(answer: Answer) -> str:
    """The answer; of a refusal the reason, since its words name what was asked for."""
    if answer.status >= 400:
        return f"{answer.status} {answer.body['reason']}"
    return f"{answer.status} {answer.text}"


async def test_page_tokens_and_idempotency_keys_are_worth_nothing_elsewhere(
    stack: Stack, document: dict[str, Any]
) -> None:
    async with tenants(stack, 2) as [first, second]:
        mark = f"own{secrets.token_hex(6)}"
        text = {"name": mark, "channel": "sms", "text": "x"}
        for tenant in (first, second):
            for _ in range(2):
                await tenant.call("POST", "/v1/templates", text)
        tokens = 0
        for method, path, operation in operations(document):
            if "page_token" not in {p["name"] for p in operation.get("parameters", ())} or "{" in path:
                continue
            asked = {p["name"]: "event" for p in operation["parameters"] if p["required"]}
            path += "?" + "".join(f"{name}={value}&" for name, value in asked.items())
            mine = await first.call(method.upper(), f"{path}page_size=1")
            token = mine.body["next_page_token"] or "AAAA"
            tokens += token != "AAAA"
            refused = await second.call(method.upper(), f"{path}page_size=1&page_token={token}")
            assert (refused.status, refused.body["reason"]) == (400, "PAGE_TOKEN_INVALID"), path
        assert tokens >= 1
        made = [
            await t.call("POST", "/v1/templates", text, **{"Idempotency-Key": mark})
            for t in (first, second, first)
        ]
        ids = [one.body["template_id"] for one in made]
        assert ids[0] == ids[2] != ids[1]
        other = {**text, "text": "y"}
        changed = [
            await t.call("POST", "/v1/templates", other, **{"Idempotency-Key": mark}) for t in (first, second)
        ]
        assert {one.body["reason"] for one in changed} == {"REQUEST_ID_REUSED"}


async def test_the_same_person_in_two_workspaces_is_two_people(stack: Stack) -> None:
    async with tenants(stack, 2) as [first, second]:
        call = {
            "type": "identify",
            "messageId": "one",
            "userId": "twin",
            "traits": {"phone": "+8613611113333"},
        }
        people: list[UUID] = []
        for tenant in (first, second):
            async with tenant.client() as client:
                await client.ingest([call])

            async def stored(tenant: Tenant = tenant) -> bool:
                return (await tenant.call("GET", "/v1/profiles/user_id:twin")).status == 200

            await until(stored, seconds=30)
            people.append(UUID((await tenant.call("GET", "/v1/profiles/user_id:twin")).body["profile_id"]))
            assert (await tenant.call("GET", "/v1/identity/health")).body["profile_count"] == 1
        assert people[0] != people[1]
        keys = [
            json.dumps((await t.call("GET", "/v1/profiles/user_id:twin")).body["contact_points"])
            for t in (first, second)
        ]
        assert keys[0] != keys[1], "a contact key must not tell that two workspaces know one number"
