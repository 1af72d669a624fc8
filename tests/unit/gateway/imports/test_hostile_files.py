"""Whatever a file holds, it is read or refused soon, and what becomes of its rows profile can read."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.inputs import SEEDS
from tests.fuzz.targets import file, in_time

reached: Counter[str] = Counter()
fragments = st.sampled_from(
    [*SEEDS["file"], b"id,phone\n", b"1,13912345678\n", b'"', b"\n", b"\r", b",", b"\x00", b"\xff", b"\xef\xbb\xbf", b"{", b'{"user_id":"u"}\n',
     b'""', b"\t", b"9" * 400, b"=\"0\"", "会员".encode("gb18030"), "会员".encode("utf-16-le"), b"[" * 60_000, b"x" * 140_000, b" " * 60_000, b"a@" + b"a." * 30_000]
)  # fmt: skip


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(fragments, max_size=8).map(b"".join))
def test_any_file_is_read_or_refused_in_time(data: bytes) -> None:
    reached["some call" if in_time(file, data) else "none"] += 1


def test_both_ends_were_reached() -> None:
    print(dict(reached))
    assert min(reached["some call"], reached["none"]) >= 20
