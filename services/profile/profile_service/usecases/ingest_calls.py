"""INGEST → people, events, orders, traits, contact points; everything that changed goes out on PROFILE."""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis import metrics as everywhere
from chassis.clock import Clock
from chassis.consumer import Batch
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Tx
from chassis.ids import derived_id
from chassis.outbox import Outgoing

from profile_service import metrics
from profile_service.domain.calls import Call, Issue
from profile_service.domain.identifiers import ParsePhone
from profile_service.events.read_ingest import read_call
from profile_service.store import facts, issues
from profile_service.store.declared import Declarations
from profile_service.store.numbers import Numbers
from profile_service.store.settings_in_force import SettingsInForce
from profile_service.usecases.check_events import Blocked, check_events
from profile_service.usecases.drop_erased import drop_erased
from profile_service.usecases.keep_accounts import keep_accounts
from profile_service.usecases.keep_claims import keep_claims
from profile_service.usecases.keep_commerce import keep_commerce, read_commerce
from profile_service.usecases.keep_consents import keep_consents
from profile_service.usecases.keying import key_of
from profile_service.usecases.note_sources import SourceBook
from profile_service.usecases.settle_people import SettlePeople
from profile_service.usecases.store_facts import store_facts

STREAM = "PROFILE"
_LOST = "no usable identifier is left"


class IngestCalls:
    """The handler behind INGEST."""

    def __init__(
        self,
        ciphers: Ciphers,
        numbers: Numbers,
        clock: Clock,
        parse_phone: ParsePhone,
        settings: SettingsInForce,
        declarations: Declarations,
        sources: SourceBook | None,
    ) -> None:
        """Without a source book nothing is noted of sources: what is only tried was not said."""
        self._ciphers = ciphers
        self._settle_people = SettlePeople(numbers, clock)
        self._clock = clock
        self._parse_phone = parse_phone
        self._settings = settings
        self._declarations = declarations
        self._sources = sources

    async def prepare(self, batch: Batch) -> None:
        return None

    async def apply(self, tx: Tx, batch: Batch, prepared: None) -> list[Outgoing]:
        cipher = self._ciphers.of(batch.workspace_id)
        settings = await self._settings.of(tx)
        declared = await self._declarations.current(tx)
        calls = [
            read_call(record, self._parse_phone, settings, declared.personal) for record in batch.records
        ]
        if self._sources is not None:
            self._sources.note(batch.workspace_id, calls)
        calls, held_back = await drop_erased(tx, calls, cipher, settings)
        lost = list({c.message_id: c for c in calls if not c.identifiers}.values())
        blocked: list[Blocked] = []
        if declared.checks_events:
            calls, blocked = await check_events(tx, (c for c in calls if c.identifiers), declared)
        # A message id is seen once its call is stored: one that is lost may be mended, and come again.
        calls = await _first_time(tx, (c for c in calls if c.identifiers))
        keys = {c.message_id: [key_of(i, cipher) for i in c.identifiers] for c in calls}
        now = self._clock.now()
        commerce = read_commerce(calls, declared.currency)
        people = await self._settle_people(tx, calls, keys, cipher, settings)
        records = await store_facts(tx, calls, keys, people, cipher, now, declared)
        await keep_accounts(tx, calls, keys, people, cipher, declared, now)
        records += await keep_consents(tx, calls, people, cipher, now)
        await keep_claims(tx, calls, people.own, cipher)
        records += await keep_commerce(tx, commerce, calls, people.subjects, now)
        await self._report(tx, batch, calls, lost, blocked, [*commerce.issues, *held_back], cipher)
        return [Outgoing(STREAM, records)]

    async def _report(
        self,
        tx: Tx,
        batch: Batch,
        calls: Sequence[Call],
        lost: Sequence[Call],
        blocked: Sequence[Blocked],
        others: Sequence[Issue],
        cipher: WorkspaceCipher,
    ) -> None:
        found = [*others, *(issue for call in (*calls, *lost) for issue in call.issues)]
        await issues.report_issues(tx, found, self._clock.now())
        for kind, count in Counter(issue.kind for issue in found).items():
            metrics.ISSUES.labels(kind).inc(count)
        if lost:
            reason = "identifier_missing"
            everywhere.DEAD_LETTERS.labels(batch.source.stream, reason).inc(len(lost))
            sealed = [(cipher.seal(c.record, b"dead"), reason, _LOST) for c in lost]
            await issues.bury(tx, batch.source.subject, sealed)
        if blocked:
            everywhere.DEAD_LETTERS.labels(batch.source.stream, "schema").inc(len(blocked))
            sealed = [(cipher.seal(b.call.record, b"dead"), b.reason, b.detail) for b in blocked]
            await issues.bury(tx, batch.source.subject, sealed)


async def _first_time(tx: Tx, calls: Iterable[Call]) -> list[Call]:
    """Drops calls stored before, in this batch or ever."""
    by_key: dict[UUID, Call] = {}
    for call in calls:
        by_key.setdefault(derived_id(call.message_id), call)
    if not by_key:
        return []
    fresh = await facts.mark_seen(tx, by_key)
    return [call for key, call in by_key.items() if key in fresh]
