"""Files through the gateway into profile: both services whole, over a broker of their own."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from chassis.clock import ManualClock
from chassis.ids import new_id
from gateway_service.imports import load
from gateway_service.imports.expiry import ImportExpiry
from gateway_service.imports.load import ImportJobs
from gateway_service.store import jobs

from tests.integration.gateway.conftest import Running
from tests.waiting import until

HEADER = "会员号,手机号,姓名,生日,积分"


async def upload(with_profile: Running, data: bytes, query: str = "", **headers: str) -> tuple[int, Any]:
    status, answer, _ = await with_profile.call(
        "POST", f"/v1/imports{query}", data, {**with_profile.bearer, "Content-Type": "text/csv", **headers}
    )
    return status, answer


async def get(with_profile: Running, path: str) -> Any:
    status, answer, _ = await with_profile.call("GET", path, None, with_profile.bearer)
    assert status == 200, answer
    return answer


async def start(with_profile: Running, import_id: str, **body: Any) -> tuple[int, Any]:
    status, answer, _ = await with_profile.call(
        "POST", f"/v1/imports/{import_id}:start", body, with_profile.bearer
    )
    return status, answer


async def ended(with_profile: Running, import_id: str, *states: str) -> Any:
    """The job, once it has ended so."""

    async def has() -> bool:
        return (await get(with_profile, f"/v1/jobs/{import_id}"))["state"] in (states or ("done", "failed"))

    await until(has, 30)
    return await get(with_profile, f"/v1/jobs/{import_id}")


async def errors(with_profile: Running, import_id: str, query: str = "") -> list[list[str]]:
    url = f"{with_profile.url}/v1/imports/{import_id}/errors{query}"
    async with with_profile.http.get(url, headers=with_profile.bearer) as answer:
        assert answer.status == 200
        return list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))[1:]


async def test_a_file_is_looked_at_tried_loaded_and_its_errors_told(with_profile: Running) -> None:
    rows = [f"m{n},139{n + 23456:08},张{n},1990/1/{n % 28 + 1},{n}" for n in range(1_200)]
    rows[3] = "m3,13,李四,1990/1/1,5"
    rows[5] = ",13900000007,王五,1990/2/30,x"
    rows[6] = '"m6,13900000006,""赵,六"",1990/1/1,7"'
    file = "\r\n".join([HEADER, *rows, ""]).encode("gb18030")
    status, found = await upload(with_profile, file, "?name=members")
    assert status == 202, found
    layout = found["layout"]
    assert (layout["encoding"], layout["delimiter"], layout["header"]) == ("gb18030", ",", True)
    assert [c["to"] for c in found["suggested_mapping"]["columns"]] == ["identifier"] * 2 + ["trait"] * 3
    assert found["samples"][0]["手机号"] == "139***56"
    assert (found["job"]["state"], found["mapping"]) == ("waiting", None)
    import_id = found["import_id"]

    assert (await start(with_profile, import_id, mapping=found["suggested_mapping"], dry_run=True))[0] == 202
    tried = (await ended(with_profile, import_id))["counts"]
    assert (tried["created"], tried["tried"], tried["rejected"], tried["faults"]) == (1_198, 1_198, 2, 3)
    assert (await get(with_profile, "/v1/identity/health"))["profile_count"] == 0

    assert (await start(with_profile, import_id))[0] == 202
    job = await ended(with_profile, import_id)
    assert (job["state"], job["progress"], job["counts"]["sent"]) == ("done", 1.0, 1_198)
    assert (await get(with_profile, "/v1/identity/health"))["profile_count"] == 1_198
    # What was only tried was not said.
    calls: list[int] = []

    async def noted() -> bool:
        items = (await get(with_profile, "/v1/sources"))["items"]
        calls[:] = [day["calls"] for source in items for day in source["days"] if source["name"] == "import"]
        return sum(calls) >= 1_198

    await until(noted, 30)
    assert sum(calls) == 1_198
    silent = {"name": "till", "expected_every_s": 60}
    assert (await with_profile.call("PUT", "/v1/sources", silent, with_profile.bearer))[0] == 200
    assert (await get(with_profile, "/v1/identity/health"))["stale_sources"] == ["till"]
    wrapped = await get(with_profile, "/v1/profiles/member_id:m6")
    assert {k: wrapped["traits"][k] for k in ("name", "birthday", "points")} == {
        "name": "赵,六",
        "birthday": "1990-01-01",
        "points": 7,
    }
    told = await errors(with_profile, import_id)
    assert [(row[:2], row[3]) for row in told] == [
        (["5", "手机号"], "phone_invalid"),
        (["7", "生日"], "not_a_date"),
        (["7", "积分"], "not_a_number"),
    ]
    assert (await errors(with_profile, import_id, "?language=zh"))[0][4] == "不是有效的电话号码"
    status, problem = await start(with_profile, import_id)
    assert (status, problem["reason"]) == (409, "STATE_CONFLICT")


async def test_a_load_that_dies_half_way_is_gone_on_with_and_repeats_nothing(
    with_profile: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "STEP", 50)
    died = 0
    sending = ImportJobs._send

    async def dies(self: ImportJobs, held: Any, work: Any, found: Any) -> None:
        nonlocal died
        await sending(self, held, work, found)
        if work.counts["rows"] >= 100 and died < 2:
            died += 1
            # As if killed between sending and writing that down: the hold ends by itself.
            async with self._database.transaction(held.workspace_id) as tx:
                await tx.execute("UPDATE job_queue SET holder = $1, held_until = now()", new_id())
            raise jobs.HoldLost

    monkeypatch.setattr(ImportJobs, "_send", dies)
    events = [json.dumps({"member": f"m{n % 10}", "what": "Bought", "n": n}) for n in range(400)]
    mapping = {
        "event": "Imported",
        "columns": [
            {"column": "member", "to": "identifier", "type": "member_id"},
            {"column": "n", "to": "property", "type": "number"},
        ],
    }
    query = f"?mapping={json.dumps(mapping)}"
    status, found = await upload(with_profile, "\n".join(events).encode(), query)
    assert status == 202, found
    job = await ended(with_profile, found["import_id"])
    assert died == 2
    assert (job["state"], job["counts"]["sent"], job["counts"]["rows"]) == ("done", 400, 400)
    people = [await get(with_profile, f"/v1/profiles/member_id:m{n}") for n in range(10)]
    assert [one["event_count"] for one in people] == [40] * 10


async def test_parquet_is_tried_like_any_other_file(with_profile: Running) -> None:
    out = io.BytesIO()
    columns = {"member_id": ["m1", "m2", None], "visits": [1, 2, 3], "born": [date(1990, 1, 2)] * 3}
    pyarrow.parquet.write_table(pyarrow.table(columns), out)
    status, found = await upload(with_profile, out.getvalue(), "?dry_run=true")
    assert (status, found["layout"]["format"]) == (202, "parquet")
    assert [one["type"] for one in found["suggested_mapping"]["columns"]] == ["member_id", "number", "date"]
    job = await ended(with_profile, found["import_id"])
    assert (job["counts"]["created"], job["counts"]["rejected"]) == (2, 1)
    outcomes = (await get(with_profile, f"/v1/imports/{found['import_id']}"))["outcomes"]
    assert [(one["row"], one["outcome"]) for one in outcomes] == [(1, "created"), (2, "created")]
    assert await errors(with_profile, found["import_id"]) == [
        ["3", "", "", "identifier_missing", "no identifier is left"]
    ]


async def test_what_cannot_be_read_or_mapped_is_refused_with_the_place(with_profile: Running) -> None:
    status, problem = await upload(with_profile, b"PK\x03\x04....")
    assert (status, problem["reason"]) == (400, "FILE_UNREADABLE")
    assert "save the sheet as CSV" in problem["detail"]
    assert (await upload(with_profile, b""))[1]["detail"] == "the file is empty"
    mapping = {"columns": [{"column": "nobody", "to": "identifier", "type": "wechat_openid"}]}
    status, problem = await upload(with_profile, b"openid\no1\n", f"?mapping={json.dumps(mapping)}")
    assert (status, problem["errors"][0]["pointer"]) == (400, "/mapping/columns/0/column")
    mapping["columns"][0]["column"] = "openid"
    status, problem = await upload(with_profile, b"openid\no1\n", f"?mapping={json.dumps(mapping)}")
    assert [(one["pointer"], one["reason"]) for one in problem["errors"]] == [
        ("/mapping/columns/0/scope", "scope_missing")
    ]
    status, problem = await upload(with_profile, b"a\n1\n", "?mapping={}")
    assert (status, problem["errors"][0]["pointer"]) == (422, "#mapping/columns")
    assert (await get(with_profile, "/v1/imports"))["items"] == []
    async with with_profile.gateway.database.transaction(with_profile.workspace_id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM import_pieces") == 0


async def test_an_upload_is_named_by_its_idempotency_key(with_profile: Running) -> None:
    named = {"Idempotency-Key": "one"}
    first = await upload(with_profile, b"id\n1\n", **named)
    assert (await upload(with_profile, b"id\n1\n", **named))[1]["import_id"] == first[1]["import_id"]
    status, problem = await upload(with_profile, b"id\n2\n", **named)
    assert (status, problem["reason"]) == (400, "REQUEST_ID_REUSED")
    assert len((await get(with_profile, "/v1/imports"))["items"]) == 1


async def test_a_form_and_a_compressed_body_are_understood(with_profile: Running) -> None:
    import gzip

    boundary = "----b"
    parts = [
        ('name="header"', "false"),
        ('name="file"; filename="people.csv"', "m1;x\nm2;y\n"),
        ('name="dry_run"', "false"),
    ]
    body = "".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts
    )
    status, found = await upload(
        with_profile,
        gzip.compress(f"{body}--{boundary}--\r\n".encode()),
        **{"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Encoding": "gzip"},
    )
    assert status == 202, found
    assert (found["name"], found["layout"]["columns"], found["layout"]["delimiter"]) == (
        "people.csv",
        ["column 1", "column 2"],
        ";",
    )
    assert found["size_bytes"] == 10


async def test_files_are_forgotten_after_a_week_and_imports_after_a_month(with_profile: Running) -> None:
    database = with_profile.gateway.database
    _, found = await upload(with_profile, b"member_id\nm1\n")
    path = f"/v1/imports/{found['import_id']}"
    made = datetime.fromisoformat(found["created_at"])
    for days, kept in ((6, 1), (8, 0)):
        await ImportExpiry(database, ManualClock(made + timedelta(days=days))).expire()
        async with database.transaction(with_profile.workspace_id) as tx:
            assert await tx.fetchval("SELECT count(*) FROM import_pieces") == kept
    assert (await start(with_profile, found["import_id"], mapping=found["suggested_mapping"]))[0] == 202
    job = await ended(with_profile, found["import_id"])
    assert (job["state"], job["failure"]) == ("failed", "the file is not stored any more; upload it again")
    await ImportExpiry(database, ManualClock(made + timedelta(days=31))).expire()
    assert (await with_profile.call("GET", path, None, with_profile.bearer))[0] == 404


async def test_an_import_is_cancelled_and_thrown_away(with_profile: Running) -> None:
    _, found = await upload(with_profile, b"member_id\nm1\n")
    path = f"/v1/imports/{found['import_id']}"
    status, problem, _ = await with_profile.call("POST", f"{path}:cancel", None, with_profile.bearer)
    assert (status, problem["reason"]) == (409, "STATE_CONFLICT")
    status, problem = await start(with_profile, found["import_id"])
    assert (status, problem["errors"][0]["pointer"]) == (400, "/mapping")
    assert (await with_profile.call("DELETE", path, None, with_profile.bearer))[0] == 200
    assert (await with_profile.call("GET", path, None, with_profile.bearer))[0] == 404
    async with with_profile.gateway.database.transaction(with_profile.workspace_id) as tx:
        for table in ("imports", "jobs", "import_pieces"):
            assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0
