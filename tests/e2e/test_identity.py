"""Through the gateway and all services: guards hold, a device changes hands, and what is derived from people is, after
a merge and its split, what it would be had neither been."""

import secrets
from typing import Any

import pytest
from waypost_dev.demo.client import Client
from waypost_dev.errors import DevError
from waypost_dev.stack import Stack

from tests.e2e.conftest import client_of
from tests.scenario import settle
from tests.waiting import until


def track(event: str, message: str, at: str, *, device: str = "", **ids: str) -> dict[str, Any]:
    external = [{"type": kind, "id": value} for kind, value in ids.items() if kind != "user_id"]
    return {
        "type": "track",
        "event": event,
        "messageId": message,
        "userId": ids.get("user_id"),
        "anonymousId": device or None,
        "timestamp": f"2026-11-01T{at}Z",
        "context": {"externalIds": external},
        "properties": {"order_id": message, "total": 10, "currency": "CNY"},
    }


async def derived(client: Client, segments: list[str], people: list[str]) -> dict[str, Any]:
    """What every service says of the people, by identifier."""
    found: dict[str, Any] = {}
    for person in people:
        profile = await client.get(f"/v1/profiles/{person}")
        found[person] = {
            "events": profile["event_count"],
            "traits": profile["traits"],
            "identifiers": sorted(f"{i['type']}:{i['value']}" for i in profile["identifiers"]),
            "orders": [o["order_id"] for o in await client.pages(f"/v1/profiles/{person}/orders")],
            "segments": [
                s
                for s in segments
                if (await client.post(f"/v1/segments/{s}:explain", {"profile": profile["profile_id"]}))[
                    "member"
                ]
            ],
            "listed": [
                s
                for s in segments
                if profile["profile_id"]
                in {m["profile_id"] for m in await client.pages(f"/v1/segments/{s}/members")}
            ],
        }
    return found


async def written_to(client: Client, event: str) -> str:
    """A journey that sends a text to whoever did this."""
    template = await client.post("/v1/templates", {"name": event, "channel": "sms", "text": event})
    send = {"kind": "send", "channel": "sms", "content": template["template_id"], "next": {"done": "end"}}
    definition = {
        "name": event,
        "entries": [{"kind": "event", "event": event}],
        "start": "send",
        "nodes": {"send": send, "end": {"kind": "exit"}},
    }
    made: str = (await client.post("/v1/journeys", {"definition": definition}))["journey_id"]
    await client.post(f"/v1/journeys/{made}:publish")
    return made


async def test_a_split_takes_a_merge_back_everywhere(stack: Stack) -> None:
    mark = secrets.token_hex(4)
    anna, ben = f"user_id:anna-{mark}", f"user_id:ben-{mark}"
    async with client_of(stack) as client:
        segments = [
            (await client.post("/v1/segments", {"name": f"{mark} {n}", "rule": rule}))["segment_id"]
            for n, rule in enumerate(
                (
                    {"event": f"Tea {mark}", "count": {"gte": 3}},
                    {"event": f"Tea {mark}", "count": {"eq": 2}},
                    {"trait": f"city_{mark}", "op": "eq", "value": "上海"},
                )
            )
        ]
        name = anna.removeprefix("user_id:")
        await client.ingest(
            [
                {
                    "type": "identify",
                    "messageId": f"{mark}i",
                    "userId": name,
                    "traits": {f"city_{mark}": "上海"},
                },
                *(track(f"Tea {mark}", f"{mark}a{n}", "10:00:00", user_id=name) for n in range(2)),
                track(f"Tea {mark}", f"{mark}b0", "10:00:00", user_id=ben.removeprefix("user_id:")),
                # Of today: other tests count orders up to yesterday.
                {
                    **track("Order Completed", f"{mark}o", "11:00:00", user_id=ben.removeprefix("user_id:")),
                    "timestamp": None,
                },
            ]
        )
        await settle(stack, client, seconds=60)
        before = await derived(client, segments, [anna, ben])
        assert before[anna]["segments"] == before[anna]["listed"] == segments[1:]
        shown = await client.get(f"/v1/profiles/{anna}")
        assert {one["segment_id"] for one in shown["segments"]} >= set(segments[1:])
        assert (shown["scores"], shown["missing"]) == ({"rfm": {}}, [])
        # Two user ids are two people, whoever names them together; the reason is there to read.
        both = {
            "type": "alias",
            "messageId": f"{mark}al",
            "userId": name,
            "previousId": ben.removeprefix("user_id:"),
        }
        await client.ingest([both])
        await settle(stack, client, seconds=60)
        assert await derived(client, segments, [anna, ben]) == before
        why = await client.get(f"/v1/profiles/{anna}/explain-identity?with={ben}")
        assert (why["one_person"], [k["refused"] for k in why["path"]]) == (False, ["unique"])
        refused = await client.pages("/v1/identity/refused-links?reason=unique")
        assert any(name in (k["from"]["value"], k["to"]["value"]) for k in refused)

        merging = (f"/v1/profiles/{anna}:merge", {"with": ben, "reason": "the same person"})
        merged = await client.post(*merging, **{"Idempotency-Key": mark})
        await settle(stack, client, seconds=60)
        # Whoever did not hear the answer asks again; both names lead to one person now.
        assert await client.post(*merging, **{"Idempotency-Key": mark}) == merged
        why = await client.get(f"/v1/profiles/{anna}/explain-identity?with={ben}")
        assert (why["one_person"], [k["kind"] for k in why["path"]]) == (True, ["by_hand"])
        joined = await derived(client, segments, [anna, ben])
        assert joined[anna] == joined[ben]
        assert (joined[anna]["events"], joined[anna]["listed"]) == (4, [segments[0], segments[2]])
        [merge] = [m for m in await client.pages(f"/v1/profiles/{anna}/merges") if m["rule"] == "by_hand"]
        assert [i["type"] for i in merge["evidence"]["identifiers"]] == ["user_id", "user_id"]

        parted = await client.post(
            f"/v1/profiles/{anna}:split", {"merge_id": merge["merge_id"], "reason": "no, they are not"}
        )
        assert merged["profile_id"] in (parted["profile_id"], parted["split_profile_id"])
        # What named both comes again, and joins them no more.
        await client.ingest([{**both, "messageId": f"{mark}al2"}])
        await settle(stack, client, seconds=60)
        assert await derived(client, segments, [anna, ben]) == before
        [split] = await client.pages(f"/v1/profiles/{anna}/splits")
        assert (split["rule"], split["decision_id"]) == ("by_hand", parted["decision_id"])
        health = await client.get("/v1/identity/health")
        assert health["days"][-1]["merges"] >= 1
        assert health["days"][-1]["splits"] >= 1
        assert health["refused_links"]["never_link"] >= 1
        kinds = [d["kind"] for d in await client.pages("/v1/identity/decisions")]
        assert kinds[:2] == ["never_link", "always_link"]


async def test_a_tablet_serves_one_customer_after_the_other(stack: Stack) -> None:
    mark = secrets.token_hex(4)
    tablet = f"tablet-{mark}"
    event = f"Looked {mark}"
    async with client_of(stack) as client:
        rule = {"event": event, "count": {"gte": 2}}
        often = (await client.post("/v1/segments", {"name": mark, "rule": rule}))["segment_id"]
        await client.ingest(
            [
                track("Signed In", f"{mark}1", "10:00:00", device=tablet, user_id=f"cai-{mark}"),
                track(event, f"{mark}2", "10:02:00", device=tablet),
                track(event, f"{mark}3", "10:03:00", device=tablet),
                track(event, f"{mark}4", "10:12:00", device=tablet),
                track("Signed In", f"{mark}5", "10:20:00", device=tablet, user_id=f"eve-{mark}"),
                track(event, f"{mark}6", "10:22:00", device=tablet),
            ]
        )
        await settle(stack, client, seconds=60)
        people = [f"user_id:{who}-{mark}" for who in ("cai", "eve")]
        told = await derived(client, [often], people)
        assert [(told[p]["events"], told[p]["listed"]) for p in people] == [(4, [often]), (2, [])]
        health = await client.get("/v1/identity/health")
        [shared] = [s for s in health["most_shared"] if s["identity"]["value"] == tablet]
        assert shared["count"] == 2
        assert health["profile_count"] >= 2
        # Found out late: in between it was somebody else's.
        await client.ingest(
            [track("Signed In", f"{mark}7", "10:10:00", device=tablet, user_id=f"dan-{mark}")]
        )
        await settle(stack, client, seconds=60)
        people.insert(1, f"user_id:dan-{mark}")
        told = await derived(client, [often], people)
        assert [(told[p]["events"], told[p]["listed"]) for p in people] == [(3, [often]), (2, []), (2, [])]


async def test_settings_are_tried_before_they_are_set(stack: Stack) -> None:
    mark = secrets.token_hex(4)
    async with client_of(stack) as client:
        crm = [f"{mark}-{n}" for n in range(3)]
        fay = {"type": "identify", "messageId": f"{mark}i", "userId": f"fay-{mark}"}
        await client.ingest(
            [
                {**fay, "traits": {"phone": "+8613912349999"}},
                *(
                    track("Seen", f"{mark}{n}", "10:00:00", user_id=f"fay-{mark}", crm_id=one)
                    for n, one in enumerate(crm)
                ),
            ]
        )
        await settle(stack, client, seconds=60)
        # One text that she asked for herself, and one that her newest account in the CRM did.
        journey = await written_to(client, f"Asked {mark}")
        herself = {"userId": f"fay-{mark}"}
        account = {"context": {"externalIds": [{"type": "crm_id", "id": crm[2]}]}}
        for sent, who in enumerate((herself, account), 1):
            asked = {"type": "track", "event": f"Asked {mark}", "messageId": f"{mark}t{sent}"}
            await client.ingest([asked | who])

            async def gone_out(sent: int = sent) -> bool:
                found = (await client.get(f"/v1/reports/messages?journey_id={journey}"))["outcomes"]
                return sum(one["count"] for one in found if one["state"] == "delivered") == sent

            await until(gone_out, seconds=60)
        known = await client.get("/v1/identity/settings")
        wanted = known["settings"]
        for one in wanted["types"]:
            if one["type"] == "crm_id":
                one["limit"] = {"max": 1, "days": None}
        with pytest.raises(DevError, match='"pointer":"/settings/max_identifiers"'):
            await client.post("/v1/identity/settings:dryRun", {"settings": {"max_identifiers": "x"}})
        tried = await client.post("/v1/identity/settings:dryRun", {"settings": wanted, "days": 90})
        person = (await client.get(f"/v1/profiles/user_id:fay-{mark}"))["profile_id"]
        assert person in tried["profile_ids"]
        assert tried["splits"] >= 2
        assert tried["messages"] == 1
        checked = await client.post("/v1/identity:check")
        assert checked["identifiers"] > checked["people"] > 0
        assert (checked["misplaced"], checked["misjudged"], checked["unsuspected"]) == (0, 0, 0)
        assert (await client.get("/v1/identity/settings"))["version"] == known["version"]
