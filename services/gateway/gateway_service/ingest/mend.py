"""A body that cannot be read because of one value: cut that value out and leave a mark, so that only its event is
refused. Two things make the JSON decoder give up on a whole body: a lone surrogate and nesting without end.

Runs only after decoding failed; linear in the body's length whatever the body holds.
"""

import re
from dataclasses import dataclass

MAX_NESTING = 64
"""Deeper values are cut. Beyond what an event may nest, so that decode.py names every refusal for depth."""

_TOKEN = re.compile(rb'["\[\]{}]')
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_PRIVATE = re.compile(rb"\\u(?:e[0-9a-f]{3}|f[0-8][0-9a-f]{2})")
_HEX = rb"[0-9a-fA-F]{2}"
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]" + _HEX + rb"\\u[dD][c-fC-F]" + _HEX + rb"|(u[dD][89a-fA-F]" + _HEX + rb")|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands in a mended body where a value was cut out; neither occurred in the original."""

    surrogate: bytes
    depth: bytes


def mend(body: bytes) -> tuple[bytes, Marks]:
    marks = _unused_marks(body)
    pieces: list[bytes] = []
    at, depth, cut_from = 0, 0, -1
    while token := _TOKEN.search(body, at):
        start = token.start()
        if token[0] == b'"':
            string = _STRING.match(body, start)
            if string is None:
                return body, marks
            if cut_from < 0:
                pieces += (body[at:start], _without_lone_surrogates(string[0], marks.surrogate))
            at = string.end()
            continue
        opens = token[0] in b"[{"
        depth += 1 if opens else -1
        if cut_from < 0:
            pieces.append(body[at:start])
            if opens and depth > MAX_NESTING:
                cut_from = start
            else:
                pieces.append(token[0])
        elif depth == MAX_NESTING:
            cut_from = -1
            pieces.append(b'"' + marks.depth + b'"')
        at = start + 1
    pieces.append(body[at:])
    return b"".join(pieces), marks


def _without_lone_surrogates(string: bytes, mark: bytes) -> bytes:
    if b"\\ud" not in string and b"\\uD" not in string:
        return string
    return _ESCAPE.sub(lambda m: mark if m[1] else m[0], string)


def _unused_marks(body: bytes) -> Marks:
    """Two escapes of private-use characters that the body does not contain."""
    used = set(_PRIVATE.findall(body.lower()))
    unused = (mark for code in range(0xE000, 0xF900) if (mark := b"\\u%04x" % code) not in used)
    # A body that holds all 6,400 escapes is not worth mending.
    return Marks(next(unused, b"\\ufffe"), next(unused, b"\\uffff"))
