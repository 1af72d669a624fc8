"""The embedded engines for real: they survive kill -9, and say clearly why they cannot start."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import asyncpg
import nats
import pytest
from waypost_dev.errors import DevError, EngineError
from waypost_dev.nats import Nats
from waypost_dev.placement import erase, installed_binaries, shelter
from waypost_dev.ports import Ports, pick_free
from waypost_dev.postgres import Postgres
from waypost_dev.process import Child, Command, wait_until
from waypost_dev.proctable import descendants, identify
from waypost_dev.stack import Stack
from waypost_dev.state import Entry, Record, reap


@pytest.fixture
def folder() -> Iterator[Path]:
    """Open to the account PostgreSQL runs under, unlike pytest's own 0700 folders."""
    with tempfile.TemporaryDirectory(prefix="waypost-test-") as name:
        os.chmod(name, 0o755)
        yield Path(name)
        for data in (Path(name) / "postgres", Path(name) / "data", Path(name) / "home" / "postgres"):
            erase(data)  # binaries may have been copied for it, when this checkout is closed to others


@pytest.fixture
async def postgres(folder: Path) -> AsyncIterator[Postgres]:
    server = Postgres(folder / "postgres", pick_free(), folder / "postgres.log")
    await server.start()
    yield server
    await server.stop("immediate")
    server.erase()


@pytest.fixture
async def broker(folder: Path) -> AsyncIterator[Nats]:
    server = Nats(folder / "nats", pick_free(), folder / "nats.log", http_port=pick_free())
    await server.start()
    yield server
    await server.stop()


async def test_postgres_recovers_what_was_committed_before_a_kill(postgres: Postgres) -> None:
    connection = await asyncpg.connect(postgres.admin_url)
    await connection.execute("create table kept (n int)")
    await connection.execute("insert into kept select generate_series(1, 1000)")
    assert postgres.child is not None
    tree = [postgres.child.pid, *descendants(postgres.child.pid)]
    assert len(tree) > 3
    postgres.kill()
    connection.terminate()
    assert not any(identify(pid) for pid in tree)

    await postgres.start()
    connection = await asyncpg.connect(postgres.admin_url)
    assert await connection.fetchval("select count(*) from kept") == 1000
    await connection.close()


async def test_postgres_is_durable_private_and_not_run_by_root(postgres: Postgres) -> None:
    connection = await asyncpg.connect(postgres.admin_url)
    shown = {
        row["name"]: row["setting"] for row in await connection.fetch("select name, setting from pg_settings")
    }
    assert shown["fsync"] == shown["synchronous_commit"] == shown["data_checksums"] == "on"
    assert shown["listen_addresses"] == "127.0.0.1"
    # The socket is where only the server's account, and root, may enter.
    assert shown["unix_socket_directories"] in ("", shown["data_directory"])
    assert shown["data_directory_mode"] == "0700"
    assert await connection.fetchval("select datcollate from pg_database where datname = 'postgres'") == "C"
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host="127.0.0.1", port=postgres.port, user="postgres", password="guess", database="x"
        )
    assert postgres.child is not None
    assert os.stat(f"/proc/{postgres.child.pid}").st_uid != 0


async def test_a_paused_postgres_answers_nobody_and_then_goes_on(postgres: Postgres) -> None:
    postgres.pause()
    with pytest.raises(TimeoutError):
        await asyncpg.connect(postgres.admin_url, timeout=0.3)
    postgres.resume()
    connection = await asyncpg.connect(postgres.admin_url, timeout=10)
    assert await connection.fetchval("select 1") == 1
    await connection.close()


async def test_a_stale_pid_file_that_names_a_stranger_is_no_obstacle(postgres: Postgres) -> None:
    await postgres.stop()
    await postgres.stop()
    lock = postgres.data_dir / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{postgres.data_dir}\n0\n{postgres.port}\n\n127.0.0.1\n\nready\n")
    await postgres.start()
    assert postgres.running


async def test_a_second_server_on_the_same_data_is_refused(
    postgres: Postgres, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waypost_dev.postgres.LEAVE_SECONDS", 0.2)
    twin = Postgres(postgres.data_dir, pick_free(), folder / "twin.log")
    with pytest.raises(EngineError, match=r"another PostgreSQL \(pid \d+\) is running"):
        await twin.start()


async def test_data_of_another_version_is_named_with_its_cure(postgres: Postgres) -> None:
    await postgres.stop()
    (postgres.data_dir / "PG_VERSION").write_text("16\n")
    with pytest.raises(EngineError) as raised:
        await postgres.start()
    assert "made by PostgreSQL 16" in str(raised.value)
    assert str(postgres.data_dir) in str(raised.value)
    assert "make reset" in raised.value.cure


async def test_a_folder_that_is_no_finished_database_is_left_alone(folder: Path) -> None:
    data = folder / "postgres"
    data.mkdir()
    (data / "somebody's notes").write_text("keep me")
    with pytest.raises(EngineError, match="not a complete PostgreSQL data directory") as raised:
        await Postgres(data, pick_free(), folder / "log").start()
    assert "make reset" in raised.value.cure
    assert (data / "somebody's notes").exists()


@pytest.mark.parametrize("engine", [Postgres, Nats])
async def test_a_taken_port_is_named_with_its_cure(engine: type[Postgres] | type[Nats], folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EngineError, match=rf"port {port} .* is in use") as raised:
            await engine(folder / "data", port, folder / "log").start()
    assert "ports.json" in raised.value.cure


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
async def test_data_and_binaries_below_a_closed_folder_are_sheltered_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = installed_binaries().parent.parent
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    shutil.copytree(package / "pginstall18", closed / package.name / "pginstall18")
    moved = closed / package.name / "pginstall18" / "bin"
    monkeypatch.setattr("waypost_dev.placement.installed_binaries", lambda: moved)
    server = Postgres(closed / "postgres", pick_free(), folder / "log")
    await server.start()
    await server.stop("immediate")
    assert closed.stat().st_mode & 0o777 == 0o700
    assert shelter(closed / "postgres").exists()
    server.erase()
    assert not shelter(closed / "postgres").exists()


async def test_nats_keeps_an_acknowledged_message_through_a_kill(broker: Nats) -> None:
    client = await nats.connect(broker.url)
    await client.jetstream().add_stream(name="KEPT", subjects=["kept.>"])
    await client.jetstream().publish("kept.1", b"hello")
    await client.close()
    broker.kill()
    await broker.start()
    client = await nats.connect(broker.url)
    info = await client.jetstream().stream_info("KEPT")
    assert info.state.messages == 1
    await client.close()


async def test_nats_syncs_every_write(broker: Nats) -> None:
    assert "sync_interval: always" in broker.config_file.read_text()
    url = f"http://127.0.0.1:{broker.http_port}/varz"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        seen = await answer.json()
    assert seen["jetstream"]["config"]["sync_always"] is True
    assert (seen["host"], seen["max_payload"]) == ("127.0.0.1", 2**20)


def test_a_port_is_kept_while_free_and_changed_when_taken(folder: Path) -> None:
    book = folder / "ports.json"
    port = Ports(book).get("gateway")
    assert Ports(book).get("gateway") == port
    with socket.create_server(("127.0.0.1", port)):
        assert Ports(book).get("gateway") != port


async def test_a_service_gets_a_database_it_cannot_govern_and_no_other(folder: Path) -> None:
    stack = Stack(folder / "home")
    await stack.start(only={"postgres"})
    try:
        env = stack.env
        owner = await asyncpg.connect(env["PROFILE_MIGRATE_URL"])
        await owner.execute("create table kept (n int)")
        await owner.close()
        app = await asyncpg.connect(env["PROFILE_POSTGRES_URL"])
        role = await app.fetchrow(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
        )
        assert role is not None
        assert not any(role.values())
        for forbidden in ("create table mine (n int)", "select * from kept", "create temp table t (n int)"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(forbidden)
        await app.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(env["PROFILE_POSTGRES_URL"].replace("waypost_profile", "waypost_journey"))
        with pytest.raises(DevError, match="another stack is running"):
            await Stack(folder / "home").start(only={"postgres"})
        assert (folder / "home" / "keys.json").stat().st_mode & 0o777 == 0o600
    finally:
        await stack.stop()
        await stack.stop()
        stack.erase()


async def test_what_a_killed_run_left_is_stopped_and_strangers_are_not(folder: Path) -> None:
    stubborn = Child(
        Command(["/bin/sh", "-c", 'trap "" TERM; echo deaf; sleep 600; :'], folder / "stubborn.log")
    )
    stranger = Child(Command(["sleep", "600"], folder / "stranger.log"))
    assert await wait_until(lambda: (folder / "stubborn.log").read_text() == "deaf\n", 10)
    entries = []
    for name, child in (("journey", stubborn), ("scoring", stranger)):
        who = identify(child.pid)
        assert who is not None
        started = who.started if child is stubborn else "another time"
        entries.append(Entry(name, child.pid, 0, started, who.command, child.started_at))
    record = Record(folder)
    record.write("ready", entries)
    below = descendants(stubborn.pid)
    assert reap(record, grace=0.2) == ["journey"]
    assert not stubborn.running
    assert below
    assert not any(identify(pid) for pid in below)
    assert stranger.running
    stranger.kill()


async def test_engines_leave_when_their_starter_is_killed(folder: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from waypost_dev.stack import Stack\n"
        "async def main():\n"
        "    stack = Stack(Path(sys.argv[1])); await stack.start(only={'postgres', 'nats'})\n"
        "    print('up', flush=True); await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    starter = Child(Command([sys.executable, "-c", code, str(folder / "home")], folder / "starter.log"))
    log = folder / "starter.log"
    assert await wait_until(lambda: "up" in log.read_text() or not starter.running, 60)
    entries = Record(folder / "home").entries()
    assert [entry.name for entry in entries if entry.alive()] == ["postgres", "nats"]
    os.kill(starter.pid, signal.SIGKILL)
    assert await wait_until(lambda: not any(entry.alive() for entry in entries), 20)
    assert await wait_until(lambda: not starter.running, 5)
