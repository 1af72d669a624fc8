"""INGEST → people, events, orders, traits, contact points; everything that changed goes out on PROFILE."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis import metrics as everywhere
from chassis.clock import Clock
from chassis.consumer import Batch
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Tx
from chassis.errors import DataError
from chassis.ids import derived_id
from chassis.outbox import Outgoing

from profile_service import metrics
from profile_service.domain.calls import Call, Issue, Key
from profile_service.domain.identifiers import PERSONAL, Identifier, ParsePhone
from profile_service.domain.orders import ORDER_COMPLETED, Order, read_order
from profile_service.events.read_ingest import read_call
from profile_service.store import facts
from profile_service.store.numbers import Numbers
from profile_service.usecases.settle_people import SettlePeople
from profile_service.usecases.store_facts import event_id_of, store_facts

STREAM = "PROFILE"


class IngestCalls:
    """The handler behind INGEST."""

    def __init__(self, ciphers: Ciphers, numbers: Numbers, clock: Clock, parse_phone: ParsePhone) -> None:
        self._ciphers = ciphers
        self._settle_people = SettlePeople(numbers, clock)
        self._clock = clock
        self._parse_phone = parse_phone

    async def prepare(self, batch: Batch) -> None:
        return None

    async def apply(self, tx: Tx, batch: Batch, prepared: None) -> list[Outgoing]:
        cipher = self._ciphers.of(batch.workspace_id)
        calls = [read_call(record, self._parse_phone) for record in batch.records]
        calls = await _first_time(tx, calls)
        lost = [c for c in calls if not c.identifiers]
        calls = [c for c in calls if c.identifiers]
        keys = {c.message_id: [_key(i, cipher) for i in c.identifiers] for c in calls}
        told = {
            c.message_id: read_order(_properties(c), str(event_id_of(c)))
            for c in calls
            if c.event_name == ORDER_COMPLETED
        }
        orders = {message_id: order for message_id, order in told.items() if isinstance(order, Order)}
        people = await self._settle_people(tx, calls, keys, cipher)
        records = await store_facts(tx, calls, keys, orders, people, cipher, self._clock.now())
        await self._report(tx, batch, calls, lost, told, cipher)
        return [Outgoing(STREAM, records)]

    async def _report(
        self,
        tx: Tx,
        batch: Batch,
        calls: Sequence[Call],
        lost: Sequence[Call],
        told: Mapping[str, Order | str],
        cipher: WorkspaceCipher,
    ) -> None:
        """Ingestion issues; `told`: what each completed order says, or what is wrong with it, by message id."""
        issues = [issue for call in (*calls, *lost) for issue in call.issues]
        reason = "identifier_missing"
        detail = "no usable identifier is left"
        issues += [Issue("dead_letter", reason, "", c.event_name, c.message_id, detail) for c in lost]
        issues += [
            Issue("coerced", "order_total_invalid", "properties.total", ORDER_COMPLETED, message_id, wrong)
            for message_id, wrong in told.items()
            if isinstance(wrong, str)
        ]
        await facts.report_issues(tx, issues, self._clock.now())
        for kind, count in Counter(issue.kind for issue in issues).items():
            metrics.ISSUES.labels(kind).inc(count)
        if lost:
            everywhere.DEAD_LETTERS.labels(batch.source.stream, reason).inc(len(lost))
            sealed = [(cipher.seal(c.record, b"dead"), reason, detail) for c in lost]
            await facts.bury(tx, batch.source.subject, sealed)


async def _first_time(tx: Tx, calls: Iterable[Call]) -> list[Call]:
    """Drops calls stored before, in this batch or ever."""
    by_key: dict[UUID, Call] = {}
    for call in calls:
        by_key.setdefault(derived_id(call.message_id), call)
    if not by_key:
        return []
    fresh = await facts.mark_seen(tx, by_key)
    return [call for key, call in by_key.items() if key in fresh]


def _properties(call: Call) -> dict[str, Any]:
    value = msgspec.json.decode(call.properties)
    if not isinstance(value, dict):
        raise DataError("not_an_object", "properties is not a JSON object")
    return value


def _key(identifier: Identifier, cipher: WorkspaceCipher) -> Key:
    if identifier.type in PERSONAL:
        return identifier.type, identifier.scope, cipher.blind_index(identifier.type, identifier.value)
    return identifier.type, identifier.scope, identifier.value.encode()
