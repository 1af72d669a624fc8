"""What people may ask about their data, through the gateway and all services: a file of everything, an erasure that
leaves nothing, and no way back but a new consent."""

import asyncio
import csv
import io
import secrets
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from waypost_dev import names
from waypost_dev.demo.client import Client
from waypost_dev.stack import Stack

from tests.e2e.owner import Owner
from tests.e2e.stored import stored
from tests.e2e.tenants import Tenant, tenants
from tests.scenario import settle
from tests.waiting import until

COPIES_THAT_AGE_OUT = {"outbox"}
"""Named in the certificate."""
HOLD_IDS_OF_NOBODY = {"audit_log", "changes", "erased_identities", "requests"}
"""Ids of identities that are gone: they lead to nobody."""


@dataclass(frozen=True)
class Zoe:
    """Somebody whose every word occurs nowhere else."""

    mark: str
    journey_event: str
    nick: str
    words: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tail = "".join(secrets.choice("0123456789") for _ in range(8))
        plain = ("user", "crm", "cookie", "city", "said", "product", "order", "proof", "reason")
        self.words.update({name: f"{name}{secrets.token_hex(6)}" for name in plain})
        self.words.update(
            phone=f"139{tail}", email=f"{secrets.token_hex(6)}@example.com", name=f"卓{secrets.token_hex(6)}"
        )

    def ids(self) -> dict[str, Any]:
        external = [{"type": "crm_id", "id": self.words["crm"]}, {"type": "phone", "id": self.words["phone"]}]
        return {
            "userId": self.words["user"],
            "anonymousId": self.words["cookie"],
            "context": {"externalIds": external},
        }

    def identify(self, message: str) -> dict[str, Any]:
        w = self.words
        traits = {"phone": w["phone"], "email": w["email"], "name": w["name"], "city": w["city"]}
        return {
            "type": "identify",
            "messageId": f"{self.mark}{message}",
            **self.ids(),
            "traits": {**traits, "nick": self.nick},
        }

    def calls(self) -> list[dict[str, Any]]:
        w = self.words
        order = {
            "order_id": w["order"], "total": 88, "currency": "CNY",
            "products": [{"product_id": w["product"], "price": 88, "quantity": 1}],
        }  # fmt: skip
        return [
            {"type": "track", "messageId": f"{self.mark}b", "anonymousId": w["cookie"], "event": "Looked Around"},
            self.identify("i"),
            {
                "type": "track", "messageId": f"{self.mark}c", **self.ids(), "event": self.journey_event,
                "properties": {"who": w["said"], "phone": w["phone"]},
            },
            {
                "type": "track", "messageId": f"{self.mark}o", **self.ids(), "event": "Order Completed",
                "properties": order,
            },
        ]  # fmt: skip


async def traces(stack: Stack, words: dict[str, str]) -> set[tuple[str, str, str]]:
    """(service, table, which word) wherever a row holds one, as text or in bytes."""
    return await stored(
        stack, [(name, f) for name, word in words.items() for f in (word, word.encode().hex())]
    )


async def done(client: Client, request: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def ended() -> bool:
        found.update(await client.get(f"/v1/privacy/requests/{request['request_id']}"))
        return found["state"] in ("done", "failed")

    await until(ended, seconds=60)
    assert found["state"] == "done", found
    return found


async def load(stack: Stack, tenant: Tenant, client: Client, zoe: Zoe) -> tuple[str, dict[str, str]]:
    """Their profile id, and all their identities by a name."""
    await client.ingest(zoe.calls())

    async def reached() -> bool:
        found = await tenant.call("GET", f"/v1/messages?profile=user_id:{zoe.words['user']}")
        return found.status == 200 and any(m["state"] == "delivered" for m in found.body["items"])

    await until(reached, seconds=60)
    await settle(stack, client, seconds=60)
    person = f"user_id:{zoe.words['user']}"
    consent = {
        "state": "granted", "channel": "sms", "purpose": "marketing", "legal_basis": "consent",
        "text_version": "1", "proof": {"form": zoe.words["proof"]},
    }  # fmt: skip
    await client.post(f"/v1/profiles/{person}/consents", consent)
    profile = await client.get(f"/v1/profiles/{person}")
    identity = profile["identifiers"][0]["identity_id"]
    await client.post(f"/v1/identity/quarantine/{identity}:release", {"reason": zoe.words["reason"]})
    await client.post("/v1/rfm/default:compute")
    ids = {i["identity_id"] for i in profile["identifiers"]}
    assert profile["profile_id"] in ids
    return str(profile["profile_id"]), {f"id{n}": i for n, i in enumerate(sorted(ids))}


def words_in(data: str, zoe: Zoe) -> set[str]:
    return {name for name, word in zoe.words.items() if word in data}


async def test_a_person_sees_everything_is_erased_and_may_begin_anew(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant]:
        owner = Owner(tenant, f"own{secrets.token_hex(6)}")
        await owner.move_in()
        zoe = Zoe(f"z{secrets.token_hex(4)}", f"{owner.mark} Called", owner.mark)
        async with tenant.client() as client:
            profile_id, ids = await load(stack, tenant, client, zoe)
            ask = {"identifier": {"type": "phone", "value": zoe.words["phone"]}, "reference": "T-1"}

            access = await done(client, await client.post("/v1/privacy/requests", {"kind": "access", **ask}))
            assert {r["service"] for r in access["receipts"]} == set(names.SERVICES) - {"gateway"}
            file = await tenant.call("GET", access["file_url"])
            assert words_in(file.text, zoe) == set(zoe.words)
            data = file.body["data"]
            assert {s for held in data.values() for s in held} >= {
                "identifiers", "traits", "trait_statements", "contact_points", "events", "orders", "consents",
                "devices", "decisions_by_hand", "segments", "segment_history", "journey_runs", "journey_steps",
                "messages", "scored_orders",
            }  # fmt: skip
            assert sorted(e["name"] for e in data["profile"]["events"]) == sorted(
                ["Looked Around", zoe.journey_event, "Order Completed"]
            )
            async with tenant.http.get(
                f"{tenant.url}{access['file_url']}?format=csv", headers=tenant.bearer
            ) as answer:
                archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
            rows = list(
                csv.DictReader(io.StringIO(archive.read("profile/identifiers.csv").decode("utf-8-sig")))
            )
            assert {r["value"] for r in rows} >= {zoe.words["user"], zoe.words["crm"], zoe.words["cookie"]}

            before = await traces(stack, zoe.words | ids)
            assert {(s, t) for s, t, _ in before} >= {
                ("profile", "events"), ("segment", "memberships"), ("journey", "runs"), ("dispatch", "intentions"),
                ("scoring", "orders"), ("profile", "identity_decisions"), ("gateway", "privacy_requests"),
            }  # fmt: skip
            metrics = await client.get(f"/v1/journeys/{owner.path['journey_id']}/metrics")

            erased = await done(client, await client.post("/v1/privacy/requests", {"kind": "erase", **ask}))
            assert {r["service"] for r in erased["receipts"]} == set(names.SERVICES) - {"gateway"}
            certificate = erased["certificate"]
            assert certificate["identifiers_held_back"] >= 4
            assert all(
                datetime.fromisoformat(a["gone_by"]) > datetime.now(UTC) for a in certificate["ages_out"]
            )
            for path in (
                f"/v1/profiles/{profile_id}",
                f"/v1/profiles/user_id:{zoe.words['user']}",
                access["file_url"],
            ):
                assert (await tenant.call("GET", path)).status == 404, path
            after = await traces(stack, zoe.words | ids)
            left = {(s, t, w) for s, t, w in after if t not in COPIES_THAT_AGE_OUT}
            known = {(t, "id" if w in ids else w) for _, t, w in left}
            assert known <= {
                ("audit_log", "user"),
                ("products", "product"),
                *((t, "id") for t in HOLD_IDS_OF_NOBODY),
            }
            # Nothing that was counted is counted otherwise.
            counted = await client.get(f"/v1/journeys/{owner.path['journey_id']}/metrics")
            assert counted == metrics

            # The same file again, and what a site still has in its queue.
            await client.ingest([zoe.identify("again"), *zoe.calls()])
            await settle(stack, client, seconds=60)
            assert (await tenant.call("GET", f"/v1/profiles/user_id:{zoe.words['user']}")).status == 404
            held = [i for i in await client.pages("/v1/ingestion/issues") if i["reason"] == "person_erased"]
            assert ["readmissions" in one["detail"] for one in held] == [True] * len(held) != []
            assert await traces(stack, zoe.words) <= after | {("profile", "outbox", w) for w in zoe.words}

            consent = {
                "channel": "sms",
                "purpose": "marketing",
                "legal_basis": "consent",
                "text_version": "2",
            }
            named = [
                {"type": "user_id", "value": zoe.words["user"]},
                {"type": "phone", "value": zoe.words["phone"]},
            ]
            anew = await client.post("/v1/privacy/readmissions", {"identifiers": named, "consent": consent})
            assert anew["readmitted"] == 2
            assert anew["profile_id"] != profile_id
            person = await client.get(f"/v1/profiles/user_id:{zoe.words['user']}")
            assert (person["profile_id"], person["event_count"]) == (anew["profile_id"], 0)
            assert "city" not in person["traits"]
            fresh = {
                "type": "track", "messageId": f"{zoe.mark}new", "userId": zoe.words["user"], "event": "Came Back"
            }  # fmt: skip
            await client.ingest([fresh])
            await settle(stack, client, seconds=60)
            person = await client.get(f"/v1/profiles/user_id:{zoe.words['user']}")
            assert person["event_count"] == 1


async def test_profiling_ends_when_somebody_asks_for_it(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant], tenant.client() as client:
        await client.ingest([{"type": "identify", "messageId": "p1", "userId": "p1", "traits": {"a": 1}}])

        async def known() -> bool:
            return (await tenant.call("GET", "/v1/profiles/user_id:p1")).status == 200

        await until(known, seconds=30)
        body = {"kind": "restrict_profiling", "profile": "user_id:p1"}
        asked = await asyncio.gather(
            *(
                tenant.call("POST", "/v1/privacy/requests", body, **{"Idempotency-Key": "one"})
                for _ in range(2)
            )
        )
        assert {a.status for a in asked} <= {202, 409, 503}
        await done(client, next(a.body for a in asked if a.status == 202))
        person = await client.get("/v1/profiles/user_id:p1")
        assert person["no_profiling"] is True
        listed = await client.pages("/v1/privacy/requests")
        assert [r["kind"] for r in listed] == ["restrict_profiling"]
        wrong = await tenant.call("POST", "/v1/privacy/requests", {"kind": "erase"})
        assert wrong.status == 422
        nobody = await tenant.call(
            "POST", "/v1/privacy/requests", {"kind": "erase", "profile": "user_id:none"}
        )
        assert nobody.status == 404
        number = await tenant.call(
            "POST", "/v1/privacy/requests", {"kind": "access", "profile": "phone:+8613800001111"}
        )
        assert (number.status, number.body["errors"][0]["pointer"]) == (400, "/profile")
        assert number.body["errors"][0]["reason"] == "personal_data"
        assert "+8613800001111" not in number.text
        named = [{"type": "user_id", "value": "p1"}]
        consent = {"channel": "sms", "purpose": "marketing", "legal_basis": "because"}
        readmitted = await tenant.call(
            "POST", "/v1/privacy/readmissions", {"identifiers": named, "consent": consent}
        )
        assert (readmitted.status, readmitted.body["errors"][0]["pointer"]) == (400, "/consent/legal_basis")


async def test_one_person_is_erased_once_however_many_ask(stack: Stack) -> None:
    """Whoever comes second hears that it is done, and no request keeps whom it was about."""
    async with tenants(stack, 1) as [tenant], tenant.client() as client:
        await client.ingest(
            [
                {"type": "identify", "messageId": f"i{n}", "userId": f"p{n}", "traits": {"a": 1}}
                for n in range(2)
            ]
        )

        async def known() -> bool:
            found = [await tenant.call("GET", f"/v1/profiles/user_id:p{n}") for n in range(2)]
            return all(one.status == 200 for one in found)

        await until(known, seconds=30)

        async def ask(kind: str, user: str, key: str) -> Any:
            body = {"kind": kind, "profile": f"user_id:{user}"}
            return await tenant.call("POST", "/v1/privacy/requests", body, **{"Idempotency-Key": key})

        asked = [await ask("access", "p0", "0")]
        asked += await asyncio.gather(*(ask("erase", "p0", str(n)) for n in range(1, 5)))
        assert (await ask("erase", "p1", "1")).body["reason"] == "REQUEST_ID_REUSED"

        async def ended() -> bool:
            return {r["state"] for r in await client.pages("/v1/privacy/requests")} <= {"done", "failed"}

        await until(ended, seconds=60)
        requests = await client.pages("/v1/privacy/requests")
        assert len(requests) == len([one for one in asked if one.status == 202])
        assert {r["profile_id"] for r in requests} == {None}
        assert [r["kind"] for r in requests if r["certificate"]] == ["erase"]
        assert {r["failure"] for r in requests if r["state"] == "failed"} <= {
            "the person is not known any more: another request has erased them"
        }
        again = [await ask("erase", user, "1") for user in ("p0", "p1")]
        assert [one.status for one in again] == [202, 400]
