"""Secrets given once, as tests have them, and secrets read from a file, as services have them, sign alike."""

from collections.abc import Callable
from pathlib import Path

import pytest
from chassis.keyring import FileKeyring, Keyring

OLD, NEW = b"o" * 32, b"n" * 32
Make = Callable[..., Keyring]


@pytest.fixture(params=["given", "file"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    def of_file(*values: bytes) -> Keyring:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.secret"
        file.write_text("\n".join(value.hex() for value in values))
        file.chmod(0o600)
        return FileKeyring(file)

    return Keyring if request.param == "given" else of_file


def test_the_first_secret_signs_and_all_verify(made: Make) -> None:
    before, during, after = made(OLD), made(NEW, OLD), made(NEW)
    assert during.sign(b"text") == after.sign(b"text") != before.sign(b"text")
    assert during.verifies(before.sign(b"text"), b"text")
    assert during.verifies(after.sign(b"text"), b"text")
    assert not before.verifies(after.sign(b"text"), b"text")
    assert [secret.value for secret in during.secrets()] == [NEW, OLD]
    assert during.signing().key_id == after.signing().key_id != before.signing().key_id


def test_a_signature_is_of_its_text_and_purpose(made: Make) -> None:
    keys = made(OLD)
    signature = keys.sign(b"text", b"page")
    assert keys.verifies(signature, b"text", b"page")
    assert keys.verifies(signature[:16], b"text", b"page")
    for other in (
        (signature, b"texts", b"page"),
        (signature, b"text", b""),
        (signature[:15], b"text", b"page"),
        (b"", b"text", b"page"),
    ):
        assert not keys.verifies(*other)


def test_no_secret_is_no_keyring(made: Make) -> None:
    with pytest.raises(ValueError):
        made().signing()
