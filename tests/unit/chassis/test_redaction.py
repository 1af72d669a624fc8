"""What looks like personal data or a secret does not get into a log line, and nothing else is touched."""

import io
import json
import logging
import secrets
import sys

import pytest
import structlog
from chassis import logs
from chassis.redaction import redact
from hypothesis import given
from hypothesis import strategies as st

digits = st.text("0123456789", min_size=8, max_size=8)
personal = st.one_of(
    digits.map(lambda d: f"139{d}"),
    digits.map(lambda d: f"+86 138{d}"),
    digits.map(lambda d: f"31010519{d}1X"),
    digits.map(lambda d: f"a.b+{d}@mail.example.com"),
    digits.map(lambda d: f"wp_secret_{d}-{secrets.token_urlsafe(8)}"),
    digits.map(lambda d: f"Bearer {d}abc.def"),
    digits.map(lambda d: f"postgresql://app:{d}@db:5432/x"),
)
around = st.sampled_from(("", " ", "(", '"', ":", "号", "\n", "=", "'", ",", ". "))


@given(personal, around, around)
def test_what_is_planted_is_blotted_out_wherever_it_stands(value: str, before: str, after: str) -> None:
    text = f"it failed {before}{value}{after} there"
    line = redact(None, "", {"event": text, "deep": {"list": [text]}, "number": 7})
    assert value.removeprefix("Bearer ") not in json.dumps(line, ensure_ascii=False)
    assert str(line["event"]).startswith("it failed ")
    assert line["number"] == 7


@pytest.mark.parametrize(
    "text",
    [
        "01a206f7-9ee3-771b-8135-e9404d35a8e3",
        "jrn_01a206fa3fa976c5b89fc2d3cd8dfe52",
        "INGEST.live.13",
        "127.0.0.1:13912",
        "2026-11-23T05:55:06.900123Z",
        "seq 13912345678901",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "/home/x/chassis/bus.py:139",
        "nats://127.0.0.1:4222",
    ],
)
def test_what_a_line_is_for_stays(text: str) -> None:
    assert redact(None, "", {"event": text}) == {"event": text}


def test_exceptions_are_redacted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    handlers = logging.root.handlers[:]
    try:
        logs.configure("test")
        try:
            raise ValueError("no such person: 13912345678")
        except ValueError:
            structlog.get_logger().exception("failed")
    finally:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
        logging.root.handlers[:] = handlers
    assert "no such person: [phone]" in written.getvalue()
    assert "13912345678" not in written.getvalue()
