"""Id columns with their buckets, as `unnest` wants them."""

from collections.abc import Iterable
from uuid import UUID

from chassis.ids import bucket_of


def with_buckets(ids: Iterable[UUID]) -> tuple[list[int], list[UUID]]:
    listed = list(ids)
    return [bucket_of(i) for i in listed], listed
