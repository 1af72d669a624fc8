"""Folding of encoded JSON (see `rules.fold`): what needs none, nearly everything, keeps its bytes."""

from decimal import Decimal

import msgspec
from rules import fold

# Numbers keep the digits that were written.
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def fold_json(raw: bytes) -> bytes:
    """The same JSON with every text folded. What is no JSON is returned as it came, for who reads it to refuse."""
    if b"\\" not in raw:
        # Without escapes the whole is folded as one text: JSON's own signs, quotes included, compose with nothing that stands beside them.
        return raw if raw.isascii() else _folded(raw)
    if raw.isascii() and b"\\u" not in raw:
        return raw
    try:
        data = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raw
    folded = fold(data)
    return raw if folded == data else _encoder.encode(folded)


def _folded(raw: bytes) -> bytes:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return raw
    folded: str = fold(text)
    return raw if folded is text else folded.encode()
