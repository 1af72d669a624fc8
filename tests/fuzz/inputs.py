"""Bytes that are nearly right: the fragments hostile callers use, in every order, whole, cut, wrapped and compressed."""

import gzip
import json

from hypothesis import strategies as st

FRAGMENTS = [
    *(b'{"batch":[', b'{"type":"track",', b'"event":"Seen",', b'"userId":"u1",', b'"properties":{', b'"traits":{', b'"context":{'),
    *(b'"batch":[', b'"batch":{}', b'"lane":"bulk",', b'"writeKey":5,', b'"sentAt":"x",', b'"messageId":"m",', b'"a":', b"{", b"}", b"[", b"]", b",", b":"),
    *(b'"', b"\\", b'"\\u0000"', b'"\\ud800"', b'"\\uDFFF"', b'"\\ud83d\\ude00"', b'"\\\\u0000"', b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1E+400", b"9" * 400, b"0." + b"0" * 400 + b"1", b"-0", b"01", b"1.5", b"18446744073709551616"),
    *(b"[" * 40, b"]" * 40, b'{"a":' * 40, b"}" * 40, b"[" * 2_000, b'"' + b"x" * 2_000 + b'"'),
    *(b'"phone":"13912345678"', b'"email":"a@b.cn"', b'"external_ids":[{"type":"t","id":"1"}]', b'"a":1,"a":2', b"null", b"true", b" ", b"\n"),
]  # fmt: skip
"""JSON as no library writes it: other numbers, half characters, doubled keys, nesting without end."""

VALUES = [
    *(b"null", b"-0", b"1.5", b"[]", b"{}", b'"x"', b"1e999", b"9" * 400, b"0." + b"0" * 400 + b"1", b"18446744073709551616"),
    *(b'"\\u0000"', b'"\\\\u0000"', b'"\\ud800"', b'"\\ud83d\\ude00"', b'{"a":1,"a":2}', b'{"":{"":0}}', b'"13912345678"', b'{"email":"a@b.cn"}'),
    *(b"[" * depth + b"]" * depth for depth in (20, 31, 32, 33, 64, 65, 5_000)),
]  # fmt: skip
"""Whole values of JSON that some reader of it stumbles over."""

_soup = st.lists(st.sampled_from(FRAGMENTS), max_size=24).map(b"".join)
_good = b'{"batch":[{"type":"track","event":"E","userId":"u1","messageId":"m1","properties":{"a":%s}},{"type":"track"}]}'
_valued = st.sampled_from(VALUES).map(lambda value: _good % value)
_keyed = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=3).map(
    lambda parts: b'{"userId":"u","event":"E",%s}' % b",".join(parts)
)


def _flipped(parts: tuple[bytes, list[tuple[int, int]]]) -> bytes:
    data = bytearray(parts[0])
    for at, value in parts[1]:
        if data:
            data[at % len(data)] = value
    return bytes(data)


_plain = st.sampled_from((_soup, _valued, _valued, _keyed)).flatmap(lambda kind: kind)
_broken = st.tuples(_plain, st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=3)).map(
    _flipped
)
_zipped = st.tuples(
    _plain.map(gzip.compress), st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=2)
).map(_flipped)
_cut = st.tuples(_plain.map(gzip.compress), st.integers(0, 40)).map(
    lambda parts: parts[0][: len(parts[0]) - parts[1]]
)
_bombs = st.tuples(st.sampled_from(FRAGMENTS), st.integers(1, 200_000), st.integers(1, 3)).map(
    lambda parts: gzip.compress(parts[0] * min(parts[1], 2_000_000 // len(parts[0])), 1) * parts[2]
)
bodies = st.sampled_from((_plain, _plain, _plain, _broken, _zipped, _cut, _bombs)).flatmap(lambda kind: kind)
"""Request bodies."""

SEEDS: dict[str, list[bytes]] = {
    "body": [_good % b"1", gzip.compress(_good % b"2"), *FRAGMENTS],
    "rule": [
        json.dumps(one).encode()
        for one in (
            {"all": [{"trait": "city", "op": "in", "value": ["上海"]}, {"not": {"everyone": True}}]},
            {"event": "Order Completed", "count": {"gte": 2}},
            {"any": [{"trait": "n", "op": "between", "value": [1, 2.5]}, {"trait": "t", "op": "matches", "value": "(a|b)*c"}]},
            {"trait": "born", "op": "anniversary", "value": {"within": "7d"}},
        )
    ],
    "template": [b"{% for i in entry.people %}{{ i.a | append: 'x' }}{% endfor %}", b"{% case entry.a %}{% when 'x' %}y{% endcase %}"],
    "definition": [
        json.dumps(
            {
                "name": "cart",
                "entries": [{"kind": "event", "event": "Product Added", "key": "cart_id"}],
                "start": "idle",
                "nodes": {
                    "idle": {"kind": "wait_for_event", "branches": {"bought": {"event": "Order Completed"}}, "timeout": "1h",
                             "next": {"bought": "end", "timeout": "remind"}},
                    "remind": {"kind": "send", "channel": "sms", "content": "tpl_1", "next": {"done": "end"}},
                    "end": {"kind": "exit"},
                },
            }
        ).encode()
    ],
    "file": [
        "会员号,手机号,姓名,生日\n1,13912345678,张三,1990-01-02\n2,13812345678,\"李\n四\",\n".encode("gb18030"),
        '"id,phone"\r\n"1,""13912345678"""\r\n"open,2\r\n3,4\r\n'.encode("utf-16"),
        b'\xef\xbb\xbf{"user_id": "u1", "event": "E", "at": 1, "a": {"b": [null, 1e999]}}\n{\n\n{"user_id": 5}',
        b"email|n|yes\na@b.cn|1,5|\xff\nb@b.cn|0|no\n\x00|\t|",
    ],
}  # fmt: skip
"""What the fuzzer starts from, by target."""
