"""One person through every door for reading: found, corrected, followed, and seen over time across the services."""

import secrets
from typing import Any

from waypost_dev.stack import Stack

from tests.e2e.owner import Owner
from tests.e2e.tenants import tenants
from tests.waiting import until


async def test_a_person_is_found_corrected_and_followed(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant]:
        owner = Owner(tenant, f"own{secrets.token_hex(6)}")
        await owner.move_in()

        async def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
            answer = await tenant.call(method, path, body, **headers)
            assert answer.status in (200, 201), answer.text
            return answer.body

        path = f"/v1/profiles/{owner.path['profile']}"
        before = await ask("GET", path)
        found = await ask("POST", "/v1/profiles:lookup", {"phone_last4": "2222"})
        assert found["profile_id"] == before["profile_id"]
        assert [p["profile_id"] for p in (await ask("GET", "/v1/profiles"))["items"]] == [
            before["profile_id"]
        ]

        cursor = (await ask("GET", "/v1/profiles/changes?page_size=500"))["cursor"]
        traits = {"traits": {"name": "张伟", "nick": "changed"}}
        after = await ask("PATCH", path, traits, **{"If-Match": before["etag"]})
        assert after["traits"] == {"name": "张伟", "nick": "changed"}
        assert (await tenant.call("PATCH", path, traits, **{"If-Match": before["etag"]})).status == 412
        feed = await ask("GET", f"/v1/profiles/changes?after={cursor}")
        assert [set(c["changed"]) for c in feed["items"]] == [{"traits.name", "traits.nick"}]
        named = await ask("POST", "/v1/profiles:search", {"name": "张伟"})
        assert [p["profile_id"] for p in named["items"]] == [before["profile_id"]]
        past = await ask("GET", f"{path}?as_of={before['updated_at']}")
        assert past["traits"] == before["traits"]
        # Segment hears of the correction as of any other statement.
        rule = {"name": owner.mark, "rule": {"trait": "nick", "op": "eq", "value": "changed"}}
        segment = (await ask("POST", "/v1/segments", rule))["segment_id"]

        async def entered() -> bool:
            return bool((await ask("GET", f"/v1/segments/{segment}/members"))["items"])

        await until(entered, seconds=30)

        async def line(page_size: int) -> list[str]:
            items, token = [], ""
            while True:
                page = await ask("GET", f"{path}/timeline?page_size={page_size}&page_token={token}")
                assert page["missing"] == []
                items += page["items"]
                token = page["next_page_token"]
                if not token:
                    break
            assert [i["at"] for i in items] == sorted((i["at"] for i in items), reverse=True)
            return [f"{i['kind']} {i['id']}" for i in items]

        whole = await line(50)
        assert {one.split()[0] for one in whole} == {"event", "order", "message", "journey_step"}
        assert sorted(await line(2)) == sorted(whole)

        key = await ask("POST", "/v1/data-keys:rotate")
        assert [one["key_id"] for one in (await ask("GET", "/v1/data-keys"))["items"]] == [key["key_id"]]
