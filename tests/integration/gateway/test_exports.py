"""People as files: masked, or in full for those who may, and written down then."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet
import pytest

from tests.integration.gateway.conftest import Running
from tests.waiting import until

PEOPLE = [
    {
        "type": "identify",
        "messageId": f"i{n}",
        "userId": f"u{n}",
        "traits": {"phone": f"+861391234{n:04}", "city": "上海" if n % 2 else "=1+1", "name": "张三"},
    }
    for n in range(603)
]


async def fetched(served: Running, query: str, headers: Any = None) -> tuple[int, bytes]:
    url = f"{served.url}/v1/profiles:export{query}"
    async with served.http.get(url, headers=headers or served.bearer) as answer:
        return answer.status, await answer.read()


@pytest.fixture
async def town(with_profile: Running) -> Running:
    await with_profile.post("/v1/batch", {"batch": PEOPLE})

    async def known() -> bool:
        _, health, _ = await with_profile.call("GET", "/v1/identity/health", None, with_profile.bearer)
        return bool(health["profile_count"] == len(PEOPLE))

    await until(known, 30)
    return with_profile


async def test_everybody_in_every_format(town: Running) -> None:
    status, plain = await fetched(town, "")
    rows = [json.loads(line) for line in plain.splitlines()]
    assert (status, len(rows)) == (200, len(PEOPLE))
    assert list(rows[0]) == [
        *("profile_id", "profile_no", "created_at", "updated_at"),
        *("identifiers", "contact_points", "traits"),
    ]
    assert {row["traits"]["name"] for row in rows} == {"***"}
    assert all("****" in row["contact_points"][0]["address"] for row in rows)

    names = "identifiers.user_id,traits.city,contact_points.phone,traits.none"
    _, sheet = await fetched(town, f"?format=csv&fields={names}")
    table = list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"))))
    assert table[0] == names.split(",")
    assert {row[0] for row in table[1:]} == {person["userId"] for person in PEOPLE}
    assert {row[1] for row in table[1:]} == {"上海", "'=1+1"}, "no cell may be run as a formula"
    assert {row[3] for row in table[1:]} == {""}

    _, packed = await fetched(town, "?format=parquet&fields=profile_no,traits,created_at")
    found = pyarrow.parquet.read_table(io.BytesIO(packed))
    assert found.num_rows == len(PEOPLE)
    assert sorted(found["profile_no"].to_pylist()) == sorted(row["profile_no"] for row in rows)
    assert str(found.schema.field("created_at").type) == "timestamp[ms, tz=UTC]"


async def test_personal_data_in_full_takes_a_scope_and_is_written_down(town: Running) -> None:
    made = {"name": "reader", "kind": "secret", "scopes": ["profiles:read"]}
    _, key, _ = await town.call("POST", "/v1/api-keys", made, town.bearer)
    weak = {"Authorization": f"Bearer {key['key']}"}
    status, refused = await fetched(town, "?personal=true", weak)
    assert (status, json.loads(refused)["reason"]) == (403, "SCOPE_MISSING")
    assert (await fetched(town, "", weak))[0] == 200
    _, plain = await fetched(town, "?personal=true&fields=contact_points.phone,traits.name")
    rows = [json.loads(line) for line in plain.splitlines()]
    assert {row["contact_points.phone"] for row in rows} == {one["traits"]["phone"] for one in PEOPLE}
    assert {row["traits.name"] for row in rows} == {"张三"}
    _, audit, _ = await town.call("GET", "/v1/audit?action=export_profiles", None, town.bearer)
    assert [(one["outcome"], one["object"]) for one in audit["items"]] == [("done", "/v1/profiles")]
    assert (await town.call("GET", "/v1/audit:verify", None, town.bearer))[1]["whole"]


async def test_an_unknown_field_is_refused_before_anything_is_sent(gateway: Running) -> None:
    status, problem = await fetched(gateway, "?fields=profile_id,phone")
    assert status == 400
    assert "traits.<name>" in json.loads(problem)["errors"][0]["detail"]
