"""Rotation of the services' secrets: every step may be half done anywhere and everybody still understands everybody."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from chassis.clock import ManualClock
from chassis.context import ContextSigner, Tenant
from chassis.errors import Unauthenticated
from chassis.ids import new_id
from chassis.keyring import LOOK_AGAIN_S, FileKeyring, Keyring

OLD, NEW = "0" * 64, "1" * 64
CLOCK = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))


class Monotonic:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.mark.parametrize(
    ("signing", "verifying"),
    [
        ([OLD], [OLD, NEW]),
        ([OLD, NEW], [OLD]),
        ([OLD, NEW], [NEW, OLD]),
        ([NEW, OLD], [OLD, NEW]),
        ([NEW], [NEW, OLD]),
    ],
)
def test_neighbouring_steps_of_a_rotation_understand_each_other(
    signing: list[str], verifying: list[str]
) -> None:
    tenant = Tenant("gateway", new_id(), "key", ("a",), ("store_1",))
    signed = ContextSigner(Keyring(*map(bytes.fromhex, signing)), CLOCK).sign(tenant)
    assert ContextSigner(Keyring(*map(bytes.fromhex, verifying)), CLOCK).verify(signed) == tenant


def test_a_removed_secret_verifies_no_more(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{NEW}\n{OLD}\n")
    time = Monotonic()
    keys = FileKeyring(file, time)
    signed = ContextSigner(Keyring(bytes.fromhex(OLD)), CLOCK).sign(Tenant("gateway", new_id()))
    verifier = ContextSigner(keys, CLOCK)
    verifier.verify(signed)
    file.write_text(f"{NEW}\n")
    verifier.verify(signed)  # not looked at yet
    time.at = LOOK_AGAIN_S
    with pytest.raises(Unauthenticated):
        verifier.verify(signed)


def test_what_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(OLD)
    time = Monotonic()
    keys = FileKeyring(file, time)
    for content in ("", "zz", "abcd", None):
        time.at += LOOK_AGAIN_S
        if content is None:
            file.unlink()
        else:
            file.write_text(content)
        assert keys.signing().value == bytes.fromhex(OLD)
    time.at += LOOK_AGAIN_S
    file.write_text(NEW)
    assert keys.signing().value == bytes.fromhex(NEW)


@pytest.mark.parametrize(
    ("content", "says"), [("", "holds no secret"), ("zz", "secret 1"), (f"{OLD}\nab", "secret 2")]
)
def test_a_bad_file_is_an_error_at_the_start(content: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(content)
    with pytest.raises(ValueError, match=says):
        FileKeyring(file)


def test_a_purpose_has_a_key_of_its_own_and_short_signatures_are_none() -> None:
    keys = Keyring(b"s" * 32)
    signature = keys.sign(b"message", b"page-token")
    assert keys.verifies(signature[:16], b"message", b"page-token")
    assert not keys.verifies(signature, b"message")
    assert not keys.verifies(signature[:15], b"message", b"page-token")
    assert not keys.verifies(b"", b"message", b"page-token")
