"""Random data keys: sealing begins when everybody knows the key, and whatever was sealed before goes on opening."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers, FileKeyProvider, SealError
from chassis.data_keys import AHEAD, DataKey, DataKeys
from chassis.errors import DataKeyUnknown
from chassis.handling import faulty
from chassis.ids import new_id

START = datetime(2026, 11, 1, tzinfo=UTC)
OURS, THEIRS = new_id(), new_id()


def provider(folder: Path, active: str = "k1") -> FileKeyProvider:
    keys = {name: base64.b64encode(name.encode() * 16).decode() for name in ("k1", "k2")}
    file = folder / "keys.json"
    file.write_text(json.dumps({"active": active, "index": "k1", "keys": keys}))
    file.chmod(0o600)
    return FileKeyProvider(file)


def made(of: FileKeyProvider, at: datetime, workspace_id: UUID = OURS) -> DataKey:
    key_id = new_id()
    return DataKey(workspace_id, key_id, of.wrap(workspace_id, key_id, key_id.bytes * 2), at)


def test_a_key_seals_from_a_minute_after_it_was_made_and_old_ones_open(tmp_path: Path) -> None:
    master, clock = provider(tmp_path), ManualClock(START)
    keys = DataKeys(master, clock)
    cipher = Ciphers(master, keys).of(OURS)
    sealed = [cipher.seal(b"derived", b"p")]
    assert sealed[0][:4] == b"\x01\x02k1" == cipher.sealed_by()
    first, second = made(master, START), made(master, START + AHEAD)
    keys.learn([second, first])
    assert cipher.sealed_by()[0] == 1
    for key in (first, second):
        clock.advance(AHEAD)
        assert cipher.sealed_by() == b"\x02\x10" + key.key_id.bytes
        sealed.append(cipher.seal(b"random", b"p"))
        assert sealed[-1].startswith(cipher.sealed_by())
    # A release or a process that knows nothing of data keys opens what it sealed, and says so of the rest.
    assert [cipher.open(one, b"p") for one in sealed] == [b"derived", b"random", b"random"]
    other = Ciphers(master, DataKeys(master, clock)).of(OURS)
    assert other.open(sealed[0], b"p") == b"derived"
    with pytest.raises(SealError):
        Ciphers(master).of(OURS).open(sealed[1], b"p")


def test_who_meets_an_unknown_key_asks_for_it(tmp_path: Path) -> None:
    master, clock = provider(tmp_path), ManualClock(START + 2 * AHEAD)
    knowing, late = DataKeys(master, clock), DataKeys(master, clock)
    key = made(master, START)
    knowing.learn([key])
    sealed = Ciphers(master, knowing).of(OURS).seal(b"x", b"p")
    cipher = Ciphers(master, late).of(OURS)
    with pytest.raises(DataKeyUnknown) as unknown:
        cipher.open(sealed, b"p")
    # A batch that meets it waits; it is not torn apart into dead letters.
    assert not faulty(unknown.value)
    assert late.wanted.is_set()
    late.learn([key])
    assert cipher.open(sealed, b"p") == b"x"
    assert late.since() is not None
    assert late.since() < START  # type: ignore[operator]


def test_a_wrapped_key_is_of_one_workspace_and_one_name(tmp_path: Path) -> None:
    master = provider(tmp_path)
    key = made(master, START)
    assert master.unwrap(OURS, key.key_id, key.wrapped) == key.key_id.bytes * 2
    for workspace_id, key_id, wrapped in (
        (THEIRS, key.key_id, key.wrapped),
        (OURS, new_id(), key.wrapped),
        (OURS, key.key_id, key.wrapped[:-1] + bytes([key.wrapped[-1] ^ 1])),
        (OURS, key.key_id, b""),
    ):
        with pytest.raises(SealError):
            master.unwrap(workspace_id, key_id, wrapped)


def test_a_key_wrapped_anew_by_another_master_is_the_same_key(tmp_path: Path) -> None:
    old, clock = provider(tmp_path), ManualClock(START + 2 * AHEAD)
    key = made(old, START)
    keys = DataKeys(old, clock)
    keys.learn([key])
    sealed = Ciphers(old, keys).of(OURS).seal(b"x", b"p")
    new = provider(tmp_path, "k2")
    assert (new.wrapped_by(key.wrapped), old.wrapped_by(key.wrapped)) == ("k1", "k1")
    plain = new.unwrap(OURS, key.key_id, key.wrapped)
    fresh = DataKey(OURS, key.key_id, new.wrap(OURS, key.key_id, plain), key.created_at)
    assert new.wrapped_by(fresh.wrapped) == "k2"
    keys = DataKeys(new, clock)
    keys.learn([key, fresh])
    assert len(keys.all()) == 1
    assert Ciphers(new, keys).of(OURS).open(sealed, b"p") == b"x"


def test_workspaces_have_keys_of_their_own(tmp_path: Path) -> None:
    master, clock = provider(tmp_path), ManualClock(START + timedelta(days=1))
    keys = DataKeys(master, clock)
    keys.learn([made(master, START)])
    ciphers = Ciphers(master, keys)
    assert (ciphers.of(OURS).sealed_by()[0], ciphers.of(THEIRS).sealed_by()[0]) == (2, 1)
    with pytest.raises(DataKeyUnknown):
        ciphers.of(THEIRS).open(ciphers.of(OURS).seal(b"x", b"p"), b"p")
