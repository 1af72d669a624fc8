"""Ciphers, signed contexts and page tokens."""

import base64
import json
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from chassis import context
from chassis.clock import ManualClock
from chassis.context import TTL, ContextSigner, Tenant
from chassis.crypto import Ciphers, FileKeyProvider, SealError
from chassis.errors import InvalidArgument, Unauthenticated
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.paging import Pages
from chassis.sealed import open_batch, seal_batch
from hypothesis import given
from hypothesis import strategies as st
from waypost.common.v1 import record_pb2

Write = Callable[..., Path]


def key(n: int) -> str:
    return base64.b64encode(bytes([n]) * 32).decode()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(mode: int = 0o600, **content: Any) -> Path:
        file = tmp_path / "keys.json"
        file.write_text(json.dumps(content))
        file.chmod(mode)
        return file

    return write_file


def ciphers(file: Path) -> Ciphers:
    return Ciphers(FileKeyProvider(file))


def test_only_the_same_place_and_workspace_open_what_was_sealed(write: Write) -> None:
    mine, other = new_id(), new_id()
    all_of = ciphers(write(active="k1", keys={"k1": key(1)}))
    sealed = all_of.of(mine).seal("手机".encode(), b"contact")
    assert all_of.of(mine).open(sealed, b"contact") == "手机".encode()
    assert sealed != all_of.of(mine).seal("手机".encode(), b"contact")
    for cipher, place in ((all_of.of(mine), b"trait"), (all_of.of(other), b"contact")):
        with pytest.raises(SealError):
            cipher.open(sealed, place)


def test_place_and_workspace_do_not_run_into_each_other(write: Write) -> None:
    all_of = ciphers(write(active="k1", keys={"k1": key(1)}))
    sealed = all_of.of(UUID(int=1)).seal(b"x", b"ab")
    for place in (b"", b"a", b"b", b"abc", bytes(1) + b"ab"):
        with pytest.raises(SealError):
            all_of.of(UUID(int=1)).open(sealed, place)


@given(st.data())
def test_anything_damaged_is_refused_with_one_kind_of_error(data: st.DataObject) -> None:
    class Provider:
        def active_key_id(self) -> str:
            return "k1"

        index_key_id = active_key_id

        def derive(self, key_id: str, workspace_id: UUID, purpose: str) -> bytes:
            return {"k1": bytes(32)}[key_id]

    cipher = Ciphers(Provider()).of(UUID(int=1))
    sealed = bytearray(cipher.seal(b"plain", b"p"))
    if data.draw(st.booleans()):
        del sealed[data.draw(st.integers(0, len(sealed) - 1)) :]
    else:
        sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        cipher.open(bytes(sealed), b"p")


def test_a_rotated_key_opens_the_old_and_seals_the_new_and_moves_no_index(write: Write) -> None:
    workspace_id = new_id()
    before = ciphers(write(active="k1", keys={"k1": key(1)})).of(workspace_id)
    old, index = before.seal(b"old", b"p"), before.blind_index("mobile", "+8613800000000")
    after = ciphers(write(active="k2", index="k1", keys={"k2": key(2), "k1": key(1)})).of(workspace_id)
    assert after.open(old, b"p") == b"old"
    new = after.seal(b"new", b"p")
    with pytest.raises(SealError):
        before.open(new, b"p")
    assert after.blind_index("mobile", "+8613800000000") == index


def test_an_index_tells_kinds_values_and_workspaces_apart(write: Write) -> None:
    all_of = ciphers(write(active="k1", keys={"k1": key(1)}))
    one, two = all_of.of(UUID(int=1)), all_of.of(UUID(int=2))
    indexes = [
        one.blind_index("a", "x"),
        one.blind_index("b", "x"),
        one.blind_index("a", "y"),
        two.blind_index("a", "x"),
    ]
    assert len(set(indexes)) == 4
    assert {len(i) for i in indexes} == {16}


@pytest.mark.parametrize(
    "content",
    [
        {"active": "k1", "keys": {}},
        {"active": "k2", "keys": {"k1": key(1)}},
        {"active": "k2", "keys": {"k1": key(1), "k2": key(2)}},
        {"active": "k2", "index": "k0", "keys": {"k1": key(1), "k2": key(2)}},
        {"active": "k1", "keys": {"k1": base64.b64encode(bytes(16)).decode()}},
    ],
    ids=["empty", "no active", "index not named", "index gone", "short"],
)
def test_a_key_file_that_would_lose_data_is_refused_at_the_start(
    write: Write, content: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"keys\.json"):
        FileKeyProvider(write(**content))


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o601])
def test_a_key_file_that_others_can_read_is_refused(write: Write, mode: int) -> None:
    with pytest.raises(PermissionError, match="chmod 600"):
        FileKeyProvider(write(mode, active="k1", keys={"k1": key(1)}))


def test_a_sealed_batch_opens_for_its_workspace_only(write: Write) -> None:
    mine, other = new_id(), new_id()
    all_of = ciphers(write(active="k1", keys={"k1": key(1)}))
    batch = record_pb2.RecordBatch(batch_id=str(new_id()), workspace_id=str(mine), records=[b"r"])
    payload = seal_batch(all_of, mine, batch)
    assert open_batch(all_of, payload) == batch
    stray = seal_batch(all_of, other, batch)
    renamed = payload[:16] + new_id().bytes + payload[32:]
    for bad in (other.bytes + payload[16:], renamed, payload[:-1], payload[:20], payload[:10], b"", stray):
        with pytest.raises(SealError):
            open_batch(all_of, bad)


def test_a_context_lives_for_a_minute_and_only_with_its_secret(clock: ManualClock) -> None:
    tenant = Tenant("gateway", new_id(), "key_1", ("a", "b"))
    signer = ContextSigner(Keyring(b"s" * 32), clock)
    signed = signer.sign(tenant)
    assert signer.verify(signed) == tenant
    with pytest.raises(Unauthenticated):
        ContextSigner(Keyring(b"t" * 32), clock).verify(signed)
    clock.advance(TTL - timedelta(milliseconds=1))
    assert signer.verify(signed) == tenant
    clock.advance(timedelta(milliseconds=1))
    with pytest.raises(Unauthenticated):
        signer.verify(signed)


def test_a_context_with_a_changed_byte_is_refused(clock: ManualClock) -> None:
    signer = ContextSigner(Keyring(b"s" * 32), clock)
    signed = signer.sign(Tenant("gateway", new_id()))
    for at in range(len(signed)):
        for changed in (signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :], signed[:at]):
            with pytest.raises(Unauthenticated):
                signer.verify(changed)


@given(
    st.recursive(st.none() | st.text() | st.integers(-(2**60), 2**60), st.lists, max_leaves=5),
    st.lists(st.text()),
)
def test_a_page_token_returns_its_position_to_its_own_list(position: Any, bound_to: list[str]) -> None:
    pages = Pages(Keyring(b"s" * 32))
    token = pages.token(position, *bound_to)
    assert pages.position(token, *bound_to) == position
    for other, bound in ((Pages(Keyring(b"t" * 32)), bound_to), (pages, [*bound_to, "x"])):
        with pytest.raises(InvalidArgument) as refused:
            other.position(token, *bound)
        assert refused.value.reason == "PAGE_TOKEN_INVALID"


def test_the_empty_token_is_the_first_page_and_a_forged_one_is_refused() -> None:
    pages = Pages(Keyring(b"s" * 32))
    assert pages.position("", "list") is None
    token = pages.token([1, "a"], "list")
    for forged in (token[:-1], token + "A", "A" + token[1:], "!!", "é", "\ud800", "AAAA", token.swapcase()):
        with pytest.raises(InvalidArgument):
            pages.position(forged, "list")


def test_a_page_token_is_of_one_workspace() -> None:
    pages = Pages(Keyring(b"s" * 32))

    def made() -> str:
        context.enter(Tenant("gateway", new_id()))
        return pages.token(1, "list")

    token = copy_context().run(made)
    with pytest.raises(InvalidArgument):
        pages.position(token, "list")
    context.enter(Tenant("gateway", new_id()))
    with pytest.raises(InvalidArgument):
        pages.position(token, "list")


def test_arguments_of_a_list_do_not_run_into_each_other() -> None:
    pages = Pages(Keyring(b"s" * 32))
    with pytest.raises(InvalidArgument):
        pages.position(pages.token(1, "a\x1fb"), "a", "b")
    with pytest.raises(InvalidArgument):
        pages.position(pages.token(1, "ab"), "a", "b")


@pytest.mark.parametrize(("asked", "size"), [(0, 50), (10, 10), (9999, 200)])
def test_page_sizes_are_cut(asked: int, size: int) -> None:
    assert Pages(Keyring(b"s")).size(asked, 50, 200) == size
    with pytest.raises(InvalidArgument):
        Pages(Keyring(b"s")).size(-1, 50, 200)
