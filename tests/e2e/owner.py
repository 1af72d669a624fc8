"""A workspace with one of everything, named so that a trace of it can be told anywhere."""

from __future__ import annotations

import re
import secrets
from typing import Any
from uuid import uuid4

from waypost_dev.demo.client import Client

from tests.e2e.tenants import Tenant
from tests.waiting import until

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[a-z]{3}_[0-9a-f]{32}\b")


class Owner:
    def __init__(self, tenant: Tenant, mark: str) -> None:
        self.tenant = tenant
        self.mark = mark
        self.path: dict[str, str] = {
            "model": "default",
            "channel": "sms",
            "account": f"sandbox.{tenant.id}",
            "org_unit_id": f"{mark}-unit",
            "staff_id": f"{mark}-staff",
            "account_id": f"{mark}-account",
            "token": f"{tenant.id.replace('-', '')}.AAAA",
            "form_token": f"{mark}-form",
            "qr_token": f"{mark}-code",
        }
        self.secrets: set[str] = {mark}
        """Texts and ids that only this workspace may see."""

    @property
    def user(self) -> str:
        return f"{self.mark}-user"

    def identify(self) -> dict[str, Any]:
        traits = {"phone": "+8613611112222", "nick": self.mark}
        return {"type": "identify", "messageId": f"{self.mark}-i", "userId": self.user, "traits": traits}

    def track(self, event: str) -> dict[str, Any]:
        return {
            "type": "track",
            "messageId": f"{self.mark}-{event}",
            "userId": self.user,
            "anonymousId": f"{self.mark}-device",
            "event": event,
            "properties": {"who": self.mark},
        }

    def row(self) -> dict[str, Any]:
        """Of a file of one line."""
        return {"user_id": self.user, "nick": self.mark}

    def rule(self) -> dict[str, Any]:
        return {"trait": "nick", "op": "eq", "value": self.mark}

    def journey(self, content: str) -> dict[str, Any]:
        nodes = {
            "greet": {"kind": "send", "channel": "sms", "content": content, "next": {"done": "end"}},
            "end": {"kind": "exit"},
        }
        entry = {"kind": "event", "event": f"{self.mark} Called"}
        return {"name": self.mark, "entries": [entry], "start": "greet", "nodes": nodes}

    def org_unit(self) -> dict[str, Any]:
        return {"org_unit_id": self.path["org_unit_id"], "name": self.mark, "kind": "store"}

    def staff_member(self) -> dict[str, Any]:
        unit = self.path["org_unit_id"]
        return {"staff_id": self.path["staff_id"], "name": self.mark, "org_unit_id": unit}

    def account(self) -> dict[str, Any]:
        return {"account_id": self.path["account_id"], "traits": {"name": self.mark, "plan": self.mark}}

    def rate(self, currency: str) -> dict[str, Any]:
        return {"currency": currency, "day": "2026-01-01", "rate": "7.1", "source": self.mark}

    def event_schema(self) -> dict[str, Any]:
        return {"event": f"{self.mark} Called", "schema": {"properties": {"who": {"type": "string"}}}}

    def form(self) -> dict[str, Any]:
        field = {"name": "nick", "kind": "text", "label": self.mark, "trait": "nick"}
        return {"name": self.mark, "definition": {"title": self.mark, "fields": [field]}}

    def qr_code(self) -> dict[str, Any]:
        return {"name": self.mark, "definition": {"kind": "wechat_oa", "scene": self.mark}}

    async def invite(self, client: Client) -> None:
        """A form that visitors do not see yet, and a code."""
        form = await client.post("/v1/forms", self.form())
        code = await client.post("/v1/qr-codes", self.qr_code())
        self.path |= {"form_id": form["form_id"], "form_token": form["url"].rpartition("/")[2]}
        self.path["qr_code_id"] = code["qr_code_id"]

    async def describe(self, client: Client) -> None:
        """What surrounds its people."""
        await client.put("/v1/sources", {"name": self.mark, "priority": 60})
        await client.put("/v1/traits", {"name": self.mark, "keep_all": True})
        await client.put("/v1/org-units", self.org_unit())
        await client.put("/v1/staff", self.staff_member())
        await client.put("/v1/accounts", self.account())
        await client.put("/v1/event-schemas", self.event_schema())
        await client.put("/v1/ingestion/policy", {"personal_keys": [self.mark]})
        await client.put("/v1/opt-out-words", {"words": [self.mark]})
        await client.put("/v1/exchange-rates", {"rates": [self.rate("USD")]})
        await client.put("/v1/retention", {"events": [{"event": self.mark, "days": 7}]})

    async def relate(self, client: Client) -> None:
        """Who its person belongs to."""
        person, account = self.path["profile"], self.path["account_id"]
        await client.put(f"/v1/accounts/{account}/members", {"profile": person, "role": self.mark})
        relation = {"staff_id": self.path["staff_id"], "kind": "wecom"}
        made = await client.post(f"/v1/profiles/{person}/relations", relation)
        self.path["relation_id"] = made["relation_id"]

    async def move_in(self, greeting: str = "{{ entry.who }}") -> None:
        """`greeting` is the text that its journey sends."""
        async with self.tenant.client() as client:
            await client.put("/v1/limits", self.limit())
            text = {"name": self.mark, "channel": "sms", "text": f"{self.mark} {greeting}"}
            self.path["template_id"] = (await client.post("/v1/templates", text))["template_id"]
            key = {"name": self.mark, "kind": "secret", "scopes": ["profiles:read"]}
            self.path["key_id"] = (await client.post("/v1/api-keys", key))["key_id"]
            member = {"email": f"{self.mark}@example.com", "name": self.mark, "role": "analyst"}
            self.path["member_id"] = (await client.post("/v1/members", member))["member_id"]
            await self.describe(client)
            await self.invite(client)
            segment = await client.post("/v1/segments", {"name": self.mark, "rule": self.rule()})
            self.path["segment_id"] = segment["segment_id"]
            self.path["import_id"] = (await client.post("/v1/imports", self.row()))["import_id"]
            self.path["job_id"] = self.path["import_id"]
            definition = {"definition": self.journey(self.path["template_id"])}
            self.path["journey_id"] = (await client.post("/v1/journeys", definition))["journey_id"]
            await client.post(f"/v1/journeys/{self.path['journey_id']}:publish")
            anonymous = {**self.track("Before"), "userId": None}
            order = {**self.track("Order Completed"), "messageId": f"{self.mark}-o"}
            order["properties"] = {
                "order_id": self.mark,
                "total": 12,
                "currency": "CNY",
                "products": [{"product_id": self.mark, "name": self.mark, "price": 12, "quantity": 1}],
            }
            calls = [
                anonymous,
                self.identify(),
                self.track(f"{self.mark} Called"),
                order,
                {"type": self.mark},
            ]
            await client.ingest(calls)

            async def arrived() -> bool:
                sent = await client.pages(f"/v1/messages?journey_id={self.path['journey_id']}")
                members = await client.pages(f"/v1/segments/{self.path['segment_id']}/members")
                issues = await client.pages("/v1/ingestion/issues")
                return bool(sent and sent[0]["state"] == "delivered" and members and issues)

            await until(arrived, seconds=60)
            [message] = await client.pages(f"/v1/messages?journey_id={self.path['journey_id']}")
            self.path |= {"message_id": message["message_id"], "run_id": message["run_id"]}
            self.path["profile"] = message["profile_id"]
            person = await client.get(f"/v1/profiles/{self.path['profile']}")
            self.path["identity_id"] = person["identifiers"][-1]["identity_id"]
            released = f"/v1/identity/quarantine/{self.path['identity_id']}:release"
            decision = await client.post(released, {"reason": self.mark})
            self.path["decision_id"] = decision["decision_id"]
            consents = f"/v1/profiles/{self.path['profile']}/consents"
            await client.post(consents, {"state": "withdrawn", "topic": self.mark})
            address = {"channel": "sms", "address": "+8613611112222", "note": self.mark}
            await client.post("/v1/suppressions", address)
            self.path["issue_id"] = (await client.pages("/v1/ingestion/issues"))[0]["issue_id"]
            await self.relate(client)
            await client.post("/v1/rfm/default:compute")
            asked = {"kind": "access", "profile": self.path["profile"], "reference": self.mark}
            self.path["request_id"] = (await client.post("/v1/privacy/requests", asked))["request_id"]

            async def collected() -> bool:
                request = await client.get(f"/v1/privacy/requests/{self.path['request_id']}")
                return bool(request["state"] == "done")

            await until(collected, seconds=30)
        # An issue's id says what is wrong, which others have as well.
        shared = {"issue_id"}
        owned = {key for key in self.path if key.endswith("_id") or key == "profile"}
        self.secrets |= {self.path[key] for key in owned - shared}

    def double(self) -> Owner:
        """Names that nobody has, of the same form."""
        made = Owner(self.tenant, f"own{secrets.token_hex(6)}")
        other = str(uuid4())
        made.path = {
            key: UUIDS.sub(lambda id: _like(id[0], other), value).replace(self.mark, made.mark)
            for key, value in self.path.items()
        }
        return made

    def limit(self) -> dict[str, Any]:
        return {"channel": "sms", "account": "sandbox", "per_second": 77, "source": self.mark}

    async def state(self) -> dict[str, Any]:
        """All that can be read of this workspace."""
        found: dict[str, Any] = {}
        for path in [
            "/v1/segments",
            "/v1/journeys",
            "/v1/templates",
            "/v1/messages",
            "/v1/runs",
            "/v1/limits",
            "/v1/identity/health",
            "/v1/reports/ledgers",
            "/v1/reports/messages",
            "/v1/ingestion/issues",
            "/v1/rfm/default/summary",
            "/v1/profiles/{profile}",
            "/v1/profiles/{profile}/merges",
            "/v1/profiles/{profile}/splits",
            "/v1/profiles/{profile}/consents",
            "/v1/profiles/{profile}/credits",
            "/v1/consent-settings",
            "/v1/opt-out-words",
            "/v1/suppressions",
            "/v1/profiles/{profile}/orders",
            "/v1/identity/settings",
            "/v1/identity/quarantine",
            "/v1/identity/refused-links",
            "/v1/identity/decisions",
            "/v1/profiles/{profile}/timeline",
            "/v1/profiles",
            "/v1/profiles/changes",
            "/v1/products",
            "/v1/rule-language/names?kind=event",
            "/v1/ingestion/issues/{issue_id}/samples",
            "/v1/segments/{segment_id}/members",
            "/v1/journeys/{journey_id}/metrics",
            "/v1/api-keys/{key_id}",
            "/v1/members",
            "/v1/traits",
            "/v1/org-units",
            "/v1/staff",
            "/v1/staff/{staff_id}/relations",
            "/v1/profiles/{profile}/relations",
            "/v1/accounts/{account_id}",
            "/v1/accounts/{account_id}/members",
            "/v1/event-schemas",
            "/v1/ingestion/policy",
            "/v1/retention",
            "/v1/currency",
            "/v1/exchange-rates",
            "/v1/data-keys",
            "/v1/imports/{import_id}",
            "/v1/privacy/requests",
            "/v1/forms",
            "/v1/forms/{form_id}",
            "/v1/forms/{form_id}/versions",
            "/v1/forms/{form_id}/statistics",
            "/v1/qr-codes",
            "/v1/qr-codes/{qr_code_id}/statistics",
            "/v1/jobs",
        ]:
            found[path] = (await self.tenant.call("GET", path.format(**self.path))).body
        # What sources sent is written down later; what they are worth is not.
        sources = (await self.tenant.call("GET", "/v1/sources")).body["items"]
        found["sources"] = [(one["name"], one["priority"]) for one in sources if one["priority"] != 50]
        return found


def _like(value: str, other: str) -> str:
    return value[:4] + other.replace("-", "") if value[3] == "_" else other
