"""The parts of a profile that tell where it comes from and what the person did."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.clock import from_ms
from chassis.database import Tx
from survivorship import Traits
from waypost.profile.v1 import profile_facets_pb2 as facets_pb
from waypost.profile.v1 import profile_service_pb2 as pb

from profile_service.queries import facets
from profile_service.store import accounts

MOST_EVENTS = 100
MOST_ACCOUNTS = 100


async def add_facets(tx: Tx, profile: pb.Profile, identity_ids: Sequence[UUID], traits: Traits) -> None:
    """Fills in where traits are from, lifetime counts, sums of orders, and accounts."""
    profile.trait_sources.extend(_trait_source(traits, name) for name in sorted(traits.values))
    counts = await facets.event_counts(tx, identity_ids)
    profile.event_count = sum(row["count"] for row in counts)
    profile.event_counts.extend(map(_event_count, counts[:MOST_EVENTS]))
    profile.order_sums.extend(
        facets_pb.OrderSum(**dict(row)) for row in await facets.order_sums(tx, identity_ids)
    )
    found = await accounts.of_identities(tx, identity_ids, MOST_ACCOUNTS)
    profile.accounts.extend(map(_account, found))


def _trait_source(traits: Traits, name: str) -> facets_pb.TraitSource:
    stamp = traits.stamps[name]
    source = facets_pb.TraitSource(trait=name, source=stamp.source)
    source.state_time.FromDatetime(from_ms(stamp.ms))
    return source


def _event_count(row: Any) -> facets_pb.EventCount:
    count = facets_pb.EventCount(event=row["name"], count=row["count"])
    count.first_time.FromDatetime(row["first_at"])
    count.last_time.FromDatetime(row["last_at"])
    return count


def _account(row: Any) -> facets_pb.ProfileAccount:
    account = facets_pb.ProfileAccount(account_id=row["account_id"], name=row["name"] or "", role=row["role"])
    account.start_time.FromDatetime(row["joined"])
    if row["ended"] is not None:
        account.end_time.FromDatetime(row["ended"])
    return account
