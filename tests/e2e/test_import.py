"""A member list as shops have it: looked at, tried, loaded while the gateway is killed, mended by its errors file."""

import csv
import io
import json
import secrets

from waypost_dev.stack import Stack

from tests.e2e.tenants import Tenant, tenants
from tests.waiting import until

ROWS = 1_500
FAULTY = {5: "手机号", 77: "生日", 500: ""}


def sheet(mark: str) -> bytes:
    rows = [
        [f"{mark}-{n}", f"+86 139{n + 23456:08}", f"张{n}", f"{n % 28 + 1}/{n % 12 + 1}/1990", str(n)]
        for n in range(ROWS)
    ]
    rows[3][1] = "12"
    rows[75][3] = "31/2/1990"
    rows[498][:2] = ["", ""]
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(
        [["会员编号", "手机号码", "姓名", "生日", "积分"], *rows]
    )
    return out.getvalue().replace("手机号码", "手机号").encode("gb18030")


async def job_of(tenant: Tenant, import_id: str) -> dict[str, object]:
    found: dict[str, object] = (await tenant.call("GET", f"/v1/jobs/{import_id}")).body
    return found


async def test_a_file_survives_the_gateway_and_every_faulty_row_is_named(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant]:
        mark = f"imp{secrets.token_hex(4)}"
        answer = await tenant.call("POST", "/v1/imports", sheet(mark), **{"Content-Type": "text/csv"})
        assert answer.status == 202, answer.text
        found = answer.body
        assert (found["layout"]["encoding"], found["layout"]["delimiter"]) == ("gb18030", ";")
        path, mapping = f"/v1/imports/{found['import_id']}", found["suggested_mapping"]
        assert [one["to"] for one in mapping["columns"]] == [*["identifier"] * 2, *["trait"] * 3]
        assert mapping["columns"][3]["date_order"] == "dmy"

        async def is_done() -> bool:
            return (await job_of(tenant, found["import_id"]))["state"] == "done"

        await tenant.call("POST", f"{path}:start", {"mapping": mapping, "dry_run": True})
        await until(is_done, 60)
        counts = (await job_of(tenant, found["import_id"]))["counts"]
        assert isinstance(counts, dict)
        assert (counts["created"], counts["rejected"], counts["tried"]) == (ROWS - 3, 3, ROWS - 3)

        await tenant.call("POST", f"{path}:start", {})

        async def has_sent() -> bool:
            return bool((await job_of(tenant, found["import_id"]))["counts"])

        await until(has_sent, 30)
        stack.kill("gateway")
        await stack.start_process("gateway")
        await stack.wait_ready("gateway", 60)
        await until(is_done, 90)
        job = await job_of(tenant, found["import_id"])
        assert isinstance(job["counts"], dict)
        assert (job["counts"]["sent"], job["counts"]["rejected"]) == (ROWS - 3, 3)
        health = (await tenant.call("GET", "/v1/identity/health")).body
        assert (health["profile_count"], health["merge_count"]) == (ROWS - 3, 0)
        table = list(
            csv.reader(io.StringIO((await tenant.call("GET", f"{path}/errors")).text.lstrip("\ufeff")))
        )
        assert {int(row[0]): row[1] for row in table[1:]} == FAULTY

        last = (await tenant.call("GET", f"/v1/profiles/member_id:{mark}-{ROWS - 1}")).body
        assert last["traits"]["points"] == ROWS - 1
        rule = {"trait": "points", "op": "gte", "value": ROWS - 700}
        segment = (await tenant.call("POST", "/v1/segments", {"name": mark, "rule": rule})).body["segment_id"]
        exported = f"/v1/segments/{segment}:export?fields=identifiers.member_id"

        async def are_members() -> bool:
            answer = await tenant.call("GET", exported)
            if answer.status != 200:
                return False  # the segment is being built
            named = {json.loads(one)["identifiers.member_id"] for one in answer.text.splitlines()}
            return named == {f"{mark}-{n}" for n in range(ROWS - 700, ROWS)}

        await until(are_members, 60)
