"""E-commerce events → orders with their state, and the catalogue."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from chassis.clock import from_ms
from chassis.database import Tx
from chassis.errors import DataError

from profile_service.domain.calls import Call, Issue
from profile_service.domain.identity import Member
from profile_service.domain.money import DEFAULT_CURRENCY
from profile_service.domain.orders import KINDS, Statement, Wrong, read_statement
from profile_service.domain.products import NAMES, Product, newest, read_products
from profile_service.events import published
from profile_service.store import orders, orphans, products
from profile_service.store.orders import Key, Said
from profile_service.usecases.store_facts import event_id_of
from profile_service.usecases.value_orders import entries_of, value_orders


@dataclass(slots=True)
class Commerce:
    """What the events of a batch say, by message id, and what of it cannot be understood."""

    statements: dict[str, Statement] = field(default_factory=dict)
    products: list[Product] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    home: str = DEFAULT_CURRENCY
    """The workspace's currency."""


def read_commerce(calls: Iterable[Call], home: str = DEFAULT_CURRENCY) -> Commerce:
    found = Commerce(home=home)
    for call in calls:
        if call.event_name not in NAMES:
            continue
        properties, event_id = _properties(call), event_id_of(call)
        found.products += read_products(call.event_name, properties, event_id, home)
        if call.event_name not in KINDS:
            continue
        said = read_statement(call.event_name, properties, event_id, from_ms(call.at), home)
        if isinstance(said, Statement):
            found.statements[call.message_id] = said
        else:
            found.issues.append(_issue(call, said))
    return found


async def keep_commerce(
    tx: Tx, commerce: Commerce, calls: Iterable[Call], members: Mapping[str, Member], now: datetime
) -> list[bytes]:
    """What follows for PROFILE: the orders that are otherwise than a single completion says. `members` by message id."""
    causes: dict[Key, tuple[Call, Member]] = {}
    said: list[Said] = []
    for call in calls:
        statement = commerce.statements.get(call.message_id)
        if statement is not None:
            member = members[call.message_id]
            key = Key.of(member.identity_id, statement.order_id)
            said.append((key, statement))
            causes[key] = (call, member)
    records = await _keep_orders(tx, said, causes, commerce, now) if said else []
    if commerce.products:
        # Last, for many batches name the same products and wait for them.
        await products.upsert(tx, newest(commerce.products))
    return records


async def _keep_orders(
    tx: Tx,
    said: Sequence[Said],
    causes: Mapping[Key, tuple[Call, Member]],
    commerce: Commerce,
    now: datetime,
) -> list[bytes]:
    fresh = await orders.begin(tx, (key for key, _ in said))
    times = Counter(key for key, _ in said)
    plain = [
        (key, one)
        for key, one in said
        if key in fresh and times[key] == 1 and one.kind == "completed" and _is_plain(one, commerce.home)
    ]
    done = await orders.insert_first(tx, plain) if plain else set()
    rest = [(key, one) for key, one in said if key not in done]
    if not rest:
        return []
    known = await orders.state(tx, rest)
    valued = await value_orders(tx, known, commerce.home)
    if len(valued) < len(known):
        await orphans.add(tx, [key for key in known if key not in valued], now)
    commerce.issues += [
        _rate_missing(causes[key][0], one.missing) for key, one in valued.items() if one.missing
    ]
    return [
        published.order(one.order, entries_of(one.order, known[key]), one.version, *causes[key])
        for key, one in valued.items()
    ]


def _is_plain(said: Statement, home: str) -> bool:
    """Whether the event alone tells what it is worth, to readers that know no workspace's currency too."""
    return said.currency == home or (not said.currency and home == DEFAULT_CURRENCY)


def _issue(call: Call, wrong: Wrong) -> Issue:
    path = f"properties.{wrong.property}"
    return Issue("coerced", wrong.reason, path, call.event_name, call.message_id, wrong.detail)


def _rate_missing(call: Call, currency: str) -> Issue:
    detail = (
        f"{currency} has no rate that fits the day of the order, which counts for nothing until one is stated"
    )
    return Issue("coerced", "rate_missing", "properties.currency", call.event_name, call.message_id, detail)


def _properties(call: Call) -> dict[str, Any]:
    value = msgspec.json.decode(call.properties)
    if not isinstance(value, dict):
        raise DataError("not_an_object", "properties is not a JSON object")
    return value
