"""Lists in order of one key, a page at a time."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chassis.paging import Pages

Row = TypeVar("Row")
DEFAULT_SIZE = 50
MOST_SIZE = 200


def asked(pages: Pages, request: Any, *place: str) -> tuple[int, Any]:
    """(rows of the page, position of the last row of the page before, None for the first)."""
    size = pages.size(request.page_size, DEFAULT_SIZE, MOST_SIZE)
    return size, pages.position(request.page_token, *place)


def cut(
    pages: Pages, rows: Sequence[Row], size: int, key: Callable[[Row], Any], *place: str
) -> tuple[Sequence[Row], str]:
    """`rows`: one more than the page holds, if there are. The page, and the token of the next."""
    if len(rows) <= size:
        return rows, ""
    return rows[:size], pages.token(key(rows[size - 1]), *place)
