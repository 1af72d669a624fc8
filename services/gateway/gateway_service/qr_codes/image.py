"""A link as a picture that telephones read (ISO/IEC 18004)."""

from io import BytesIO
from typing import Literal

import segno

MOST_SCALE = 50
"""Pixels a module."""
MOST_MARGIN = 20
"""Modules."""
Correction = Literal["L", "M", "Q", "H"]
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def draw(text: str, kind: Literal["svg", "png"], scale: int, margin: int, correction: Correction) -> bytes:
    """`correction`: how much may be covered, from 7 % (L) to 30 % (H)."""
    code = segno.make_qr(text, error=correction, boost_error=False)
    out = BytesIO()
    code.save(out, kind=kind, scale=scale, border=margin)
    return out.getvalue()
