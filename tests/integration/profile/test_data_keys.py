"""A workspace's data key is replaced, and everything that older keys sealed is sealed again, while calls come in."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from chassis import context
from chassis.clock import ManualClock
from chassis.context import Tenant
from chassis.crypto import Ciphers, FileKeyProvider
from chassis.data_keys import AHEAD, DataKeys
from chassis.lanes import LaneGate
from profile_service.api.data_key_servicer import DataKeyServicer
from profile_service.store.reseals import Sealed
from profile_service.usecases.follow_data_keys import FollowDataKeys
from profile_service.usecases.reseal import SEALED, Reseal
from waypost.profile.v1 import data_key_service_pb2 as pb

from tests.conftest import Databases

from .harness import START, call
from .reading import Doors, traits


class Keyed:
    """Profile with data keys, as a process that began with the master keys of a file."""

    def __init__(self, database: Any, keys_file: Path, clock: ManualClock, workspace_id: UUID) -> None:
        self.provider = FileKeyProvider(keys_file)
        self.keys = DataKeys(self.provider, clock)
        self.clock = clock
        ciphers = Ciphers(self.provider, self.keys)
        self.doors = Doors(database, ciphers, clock, workspace_id)
        gate = LaneGate(1)
        self.follow = FollowDataKeys(database, self.keys, self.provider, clock, gate)
        self.give = FollowDataKeys(database, self.keys, self.provider, clock, gate, for_all=True)
        self.reseal = Reseal(database, ciphers, self.keys, clock, gate)
        self.servicer = DataKeyServicer(database, self.keys, self.provider, clock)
        context.enter(Tenant("gateway", workspace_id))

    async def rotate(self) -> str:
        """Makes a key, and lets time pass until rows may be sealed again with it; its id."""
        answer = await self.servicer.RotateDataKey(pb.RotateDataKeyRequest(), None)
        await self.follow.pass_once()
        self.clock.advance(2 * AHEAD)
        return str(answer.data_key.key_id)

    async def told(self) -> Any:
        return await self.servicer.ListDataKeys(pb.ListDataKeysRequest(), None)

    async def begins(self, sealed: Sealed) -> set[bytes]:
        """What the values of a sealed column begin with: version and key."""
        async with self.doors.database.transaction(self.doors.workspace_id) as tx:
            found = f"SELECT {sealed.column} AS value FROM {sealed.table} WHERE {sealed.column} IS NOT NULL"
            return {r["value"][: 2 + r["value"][1]] for r in await tx.fetch(found)}


def write_keys(file: Path, active: str) -> Path:
    keys = {name: base64.b64encode(name.encode() * 16).decode() for name in ("k1", "k2")}
    file.write_text(json.dumps({"active": active, "index": "k1", "keys": keys}))
    file.chmod(0o600)
    return file


@pytest.fixture
async def keyed(
    databases: Databases, tmp_path: Path, workspace_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> Keyed:
    monkeypatch.setattr("profile_service.usecases.reseal._REST_S", 0)
    file = write_keys(tmp_path / "master.json", "k1")
    return Keyed(await databases("profile"), file, ManualClock(START), workspace_id)


def people(first: int, count: int) -> list[bytes]:
    return [
        one
        for n in range(first, first + count)
        for one in (
            call(
                f"i{n}",
                f"user_id:u{n}",
                f"phone:+86136{n + 1000:08}",
                full_name=f"张伟{n}",
                email=f"a{n}@b.cn",
            ),
            call(f"e{n}", f"user_id:u{n}", name="Seen", mail=f"c{n}@d.cn"),
            call(f"g{n}", f"user_id:u{n}", group=f"acme{n}", email=f"info{n}@acme.cn"),
        )
    ]


async def test_everything_is_sealed_again_while_calls_come_in(keyed: Keyed) -> None:
    doors = keyed.doors
    await doors.take(*people(0, 60))
    assert [await keyed.begins(one) for one in SEALED] == [{b"\x01\x02k1"}] * len(SEALED)
    before = await doors.person("user_id:u7")
    key_id = await keyed.rotate()

    async def go_on() -> None:
        for n in range(60, 120, 10):
            await doors.take(*people(n, 10))

    await asyncio.gather(keyed.reseal.pass_once(), go_on())
    ours = {b"\x02\x10" + UUID(key_id).bytes}
    assert [await keyed.begins(one) for one in SEALED] == [ours] * len(SEALED)
    assert await doors.person("user_id:u7") == before
    assert traits(await doors.person("phone:+8613600001110"))["full_name"] == "张伟110"
    told = await keyed.told()
    assert ([k.key_id for k in told.data_keys], told.reseal_key_id, told.resealed_share) == (
        [key_id],
        key_id,
        1,
    )
    assert (told.resealed_rows, told.damaged_rows) == (60 * 7, 0)

    again = await keyed.rotate()
    await keyed.reseal.pass_once()
    await keyed.reseal.pass_once()
    assert [await keyed.begins(one) for one in SEALED] == [{b"\x02\x10" + UUID(again).bytes}] * len(SEALED)
    told = await keyed.told()
    assert [k.key_id for k in told.data_keys] == [again, key_id]
    assert told.resealed_rows == 120 * 7
    assert await doors.person("user_id:u7") == before


async def test_every_sealed_column_is_known(keyed: Keyed) -> None:
    """A column that somebody adds is sealed again too, or named here with the reason why not."""
    not_resealed = {
        ("dead_letters", "record"),  # gone after a week
        ("consents", "sealed_proof"),  # rows of the ledger are added and never changed
    }
    async with keyed.doors.database.transaction(keyed.doors.workspace_id) as tx:
        rows = await tx.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type = 'bytea' AND (column_name LIKE 'sealed%' OR column_name = 'record')"
        )
    assert {tuple(r) for r in rows} == {(one.table, one.column) for one in SEALED} | not_resealed


async def test_a_row_that_no_key_opens_is_told_and_stops_nothing(keyed: Keyed) -> None:
    await keyed.doors.take(*people(0, 5))
    async with keyed.doors.database.transaction(keyed.doors.workspace_id) as tx:
        await tx.execute(
            "UPDATE contact_points SET sealed_address = set_byte(sealed_address, 30, get_byte(sealed_address, 30) # 1)"
            " WHERE contact_key = (SELECT min(contact_key) FROM contact_points)"
        )
    await keyed.rotate()
    await keyed.reseal.pass_once()
    told = await keyed.told()
    assert (told.resealed_share, told.resealed_rows, told.damaged_rows) == (1, 5 * 7 - 1, 1)


async def test_a_new_master_key_wraps_and_the_old_one_may_go(keyed: Keyed, tmp_path: Path) -> None:
    await keyed.doors.take(*people(0, 3))
    key_id = await keyed.rotate()
    await keyed.reseal.pass_once()
    doors = keyed.doors
    file = write_keys(tmp_path / "master.json", "k2")
    later = Keyed(doors.database, file, keyed.clock, doors.workspace_id)
    await later.follow.pass_once(whole=True)
    assert [k.master_key_id for k in (await later.told()).data_keys] == ["k2"]
    third = Keyed(doors.database, file, keyed.clock, doors.workspace_id)
    await third.follow.pass_once(whole=True)
    assert traits(await third.doors.person("user_id:u1"))["full_name"] == "张伟1"
    fetched = await third.servicer.FetchDataKeys(pb.FetchDataKeysRequest(), None)
    [wrapped] = fetched.data_keys
    assert (wrapped.key_id, third.provider.wrapped_by(wrapped.wrapped)) == (key_id, "k2")


async def test_every_workspace_is_given_one_if_that_is_wanted(keyed: Keyed) -> None:
    await keyed.doors.take(*people(0, 1))
    await keyed.follow.pass_once()
    assert list((await keyed.told()).data_keys) == []
    for _ in range(2):
        await keyed.give.pass_once()
    assert len((await keyed.told()).data_keys) == 1
    keyed.clock.advance(AHEAD)
    await keyed.doors.take(call("m", "user_id:new", "phone:+8613912345678"))
    begins = await keyed.begins(SEALED[0])
    assert {one[:1] for one in begins} == {b"\x01", b"\x02"}
