"""What an e-mail is made of: no variable gets out of its place, and independent judges verify what is signed."""

import base64
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from uuid import UUID

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from dispatch_service.domain.content import Content
from dispatch_service.mail.addresses import deliverable, mailbox
from dispatch_service.mail.compose import compose
from dispatch_service.mail.dkim_signing import DkimSigner, relaxed_body, relaxed_header
from dispatch_service.mail.plain_text import plain_text
from dispatch_service.mail.unsubscribe_links import UnsubscribeLinks
from dkim.canonicalization import CanonicalizationPolicy
from hypothesis import given, settings
from hypothesis import strategies as st

from ._made import NOW

MESSAGE, WORKSPACE = UUID(int=7), UUID(int=8)
SENDER = Address("途点", addr_spec="hello@waypost.example")
LINK = f"https://go.example/u/{'a' * 120}"
HTML = "<style>p { color: red } @media (max-width: 1px) { p { color: blue } }</style><p>您好 &amp; hi</p>"


def parsed(raw: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=default).parsebytes(raw)


def made(content: Content, unsubscribe: str = LINK) -> bytes:
    return compose(content, SENDER, "ann@example.com", MESSAGE, unsubscribe, NOW)


def test_an_email_has_both_parts_and_says_who_when_and_how_to_stop_it() -> None:
    raw = made(Content("plain 您好", HTML, "主题 subject", "", "Care <care@例子.中国>"))
    mail = parsed(raw)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert {name: str(value) for name, value in mail.items() if not name.startswith(("Content", "MIME"))} == {
        "From": "途点 <hello@waypost.example>",
        "To": "ann@example.com",
        "Reply-To": "Care <care@xn--fsqu00a.xn--fiqs8s>",
        "Subject": "主题 subject",
        "Date": "Sun, 01 Nov 2026 12:00:00 +0000",
        "Message-ID": f"<{MESSAGE}@waypost.example>",
        "List-Unsubscribe": f"<{LINK}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    # As sent, not as Python reads it: some programs do not decode words inside a link.
    assert f"\r\nList-Unsubscribe: <{LINK}>\r\n".encode() in raw
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content() == "plain 您好\r\n"
    assert '<p style="color: red' in html.get_content()
    assert "@media" in html.get_content()


def test_without_a_link_there_is_no_header_and_without_a_text_one_is_made() -> None:
    mail = parsed(made(Content(html='<p>Hi<br>you</p><a href="https://a.b/c">more</a>', subject="s"), ""))
    assert "List-Unsubscribe" not in mail
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Hi", "you", "more (https://a.b/c)"]


nasty = st.text(
    st.one_of(st.sampled_from("\r\n\t\0\x85\u2028:<>,@ B"), st.characters(exclude_categories=["Cs"]))
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(nasty, nasty)
def test_no_variable_makes_a_header_or_leaves_its_own(subject: str, body: str) -> None:
    raw = made(Content(body or "x", "", f"{subject}\r\nBcc: all@example.com"))
    mail = parsed(raw)
    assert [name for name in mail if name not in ("Content-Type", "Content-Transfer-Encoding")] == [
        "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version",
    ]  # fmt: skip
    assert "Bcc: all@example.com" in str(mail["Subject"])


def _key() -> tuple[bytes, str]:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return pem, base64.b64encode(public).decode()


def test_dkimpy_verifies_our_signature_and_nothing_that_was_changed() -> None:
    pem, public = _key()
    signed = DkimSigner("waypost.example", "s1", pem).signed(made(Content("您好\n\n", HTML, "主题")), NOW)
    asked: list[bytes] = []

    def dns(name: bytes, timeout: float = 5) -> bytes:
        asked.append(name)
        return f"v=DKIM1; k=rsa; p={public}".encode()

    assert dkim.verify(signed, dnsfunc=dns)
    assert asked == [b"s1._domainkey.waypost.example."]
    for old, new in (
        (b"Subject: ", b"Subject: x"),
        (LINK.encode(), LINK.encode() + b"x"),
        (b"ann@", b"bob@"),
    ):
        assert old in signed
        assert not dkim.verify(signed.replace(old, new), dnsfunc=dns)


lines = st.sampled_from([b"", b" ", b"a", b" a \t b ", b"\t", b".", b"--x"])
bodies = st.lists(lines, max_size=6).map(lambda made: b"".join(line + b"\r\n" for line in made))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(bodies, st.sampled_from([b"s", b" s  t ", b"s\r\n\t t", b""]))
def test_what_is_hashed_is_what_dkimpy_hashes(body: bytes, subject: bytes) -> None:
    relaxed = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    assert relaxed_body(body) == relaxed.canonicalize_body(body)
    value = subject + b"\r\n"
    ((name, expected),) = relaxed.canonicalize_headers([(b"Subject", value)])
    assert relaxed_header(b"Subject", value) == name + b":" + expected


def test_a_key_that_is_no_rsa_key_is_refused() -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    for bad in (pem, b"nonsense"):
        with pytest.raises(ValueError):
            DkimSigner("a.b", "s", bad)


@pytest.mark.parametrize(
    ("address", "as_sent"),
    [
        ("ann@example.com", "ann@example.com"),
        ("Ann.B+c@EXAMPLE.com", "Ann.B+c@example.com"),
        ("ann@例子.中国", "ann@xn--fsqu00a.xn--fiqs8s"),
        ("ann@straße.de", "ann@xn--strae-oqa.de"),
        ("张三@example.com", None),
        ("ann@localhost", None),
        ("ann@example.com\r\nBcc: x@y.z", None),
        ("ann@@example.com", None),
        ("+8613800000000", None),
        ("", None),
    ],
)
def test_addresses_are_as_servers_take_them(address: str, as_sent: str | None) -> None:
    assert deliverable(address) == as_sent


@pytest.mark.parametrize(
    "text", ["no address", "A <a@b.com>, B <b@b.com>", "A\nBcc: x <a@b.com>", "a@b", "", "A <a@b.com> tail@x"]
)
def test_what_is_no_single_mailbox_cannot_be_a_sender(text: str) -> None:
    assert mailbox(text) is None


def test_a_mailbox_may_have_a_name() -> None:
    assert mailbox('"途点, 上海" <a@b.com>') == Address("途点, 上海", addr_spec="a@b.com")
    assert mailbox("a@b.com") == Address(addr_spec="a@b.com")


def test_links_are_of_their_workspace_and_outlive_a_change_of_keys() -> None:
    old, new = b"o" * 32, b"n" * 32
    link = UnsubscribeLinks("https://go.example/", [old]).link(WORKSPACE, MESSAGE)
    token = link.removeprefix("https://go.example/u/")
    assert token.startswith(WORKSPACE.hex)
    today = UnsubscribeLinks("https://go.example", [new, old])
    assert today.message_id(WORKSPACE, token) == MESSAGE
    assert today.message_id(UUID(int=9), token) is None
    for forged in (token[:-1], token.replace(MESSAGE.hex, UUID(int=6).hex), "", "a.b.c", "é"):
        assert today.message_id(WORKSPACE, forged) is None
    assert UnsubscribeLinks("https://go.example", [new]).message_id(WORKSPACE, token) is None
    assert UnsubscribeLinks("https://go.example", [new]).link(WORKSPACE, MESSAGE) != link
    for without in (UnsubscribeLinks("", [new]), UnsubscribeLinks("https://go.example", [])):
        assert without.link(WORKSPACE, MESSAGE) == ""


def test_the_plain_part_has_words_lists_and_links_and_no_styles() -> None:
    html = """<html><head><title>no</title><style>p{}</style></head><body><h1>Sale</h1>
      <p>Up to &yen;100  off</p><ul><li>one</li><li>two</li></ul><script>no()</script>
      <table><tr><td>a</td><td>b</td></tr></table><img src=x alt="logo"></body></html>"""
    lines = [line for line in plain_text(html).splitlines() if line]
    assert lines == ["Sale", "Up to ¥100 off", "- one", "- two", "a b", "logo"]
