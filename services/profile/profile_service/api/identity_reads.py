"""IdentityService, what can be asked: why somebody is one person, what was refused, set aside, decided or split."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from chassis import context
from chassis.clock import Clock, from_ms
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid
from chassis.paging import Pages
from google.protobuf.timestamp_pb2 import Timestamp
from waypost.profile.v1 import identity_service_pb2 as pb

from profile_service.api.naming import named, some_of
from profile_service.domain.explain import Link
from profile_service.domain.partition import Refusal
from profile_service.queries import health, people
from profile_service.queries import identity as queries
from profile_service.store import decisions
from profile_service.store.settings_in_force import current
from profile_service.usecases.explain_identity import explain_identity

MOST = 20
TRENDS = timedelta(days=30)
REASONS = ("unique", "limit", "never_link", "too_large", "set_aside", "owned")
STATES = ("suspected", "blocked", "released")


class IdentityReads:
    _database: Database
    _ciphers: Ciphers
    _pages: Pages
    _clock: Clock

    async def ExplainIdentity(
        self, request: pb.ExplainIdentityRequest, _context: Any
    ) -> pb.ExplainIdentityResponse:
        workspace_id = context.current().workspace_id
        one = argument_uuid(request.profile_id, "profile_id")
        other = argument_uuid(request.with_profile_id, "with_profile_id")
        async with self._database.transaction(workspace_id) as tx:
            for identity in (one, other):
                await person_of(tx, identity)
            same, path = await explain_identity(tx, await current(tx), one, other)
            shown = await named(
                tx, self._ciphers.of(workspace_id), {i for link in path for i in (link.one, link.other)}
            )
        return pb.ExplainIdentityResponse(one_person=same, path=[_link(k, shown) for k in path])

    async def ListQuarantine(
        self, request: pb.ListQuarantineRequest, _context: Any
    ) -> pb.ListQuarantineResponse:
        kind = request.kind or "identifiers"
        if kind not in ("identifiers", "links"):
            raise InvalidArgument("must be identifiers or links", field="kind")
        known = STATES if kind == "identifiers" else REASONS
        if request.state and request.state not in known:
            raise InvalidArgument(f"must be one of {', '.join(known)}", field="state")
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        size = self._pages.size(request.page_size, 50, 200)
        place = ("quarantine", str(workspace_id), kind, request.state)
        position = self._pages.position(request.page_token, *place)
        async with self._database.transaction(workspace_id) as tx:
            if kind == "identifiers":
                before = msgspec.convert(position, tuple[datetime, UUID]) if position else None
                rows = await queries.set_aside(tx, request.state, before, size + 1)
                shown = await named(tx, cipher, [r["identity_id"] for r in rows])
                answer = pb.ListQuarantineResponse(identifiers=[_aside(r, shown) for r in rows[:size]])
                end = ("decided_at", "identity_id")
            else:
                after = msgspec.convert(position, tuple[str, int, UUID, UUID]) if position else None
                rows = await queries.refused(tx, request.state, after, size + 1)
                shown = await named(tx, cipher, [i for r in rows for i in (r["low_id"], r["high_id"])])
                answer = pb.ListQuarantineResponse(links=[_refused(r, shown) for r in rows[:size]])
                end = ("refused", "bucket", "low_id", "high_id")
        if len(rows) > size:
            answer.next_page_token = self._pages.token([rows[size - 1][c] for c in end], *place)
        return answer

    async def ListDecisions(
        self, request: pb.ListDecisionsRequest, _context: Any
    ) -> pb.ListDecisionsResponse:
        workspace_id = context.current().workspace_id
        size = self._pages.size(request.page_size, 50, 200)
        place = ("decisions", str(workspace_id))
        before = self._pages.position(request.page_token, *place)
        async with self._database.transaction(workspace_id) as tx:
            rows = await decisions.page(tx, UUID(before) if before else None, size + 1)
        answer = pb.ListDecisionsResponse(decisions=[_decision(r) for r in rows[:size]])
        if len(rows) > size:
            answer.next_page_token = self._pages.token(str(rows[size - 1]["decision_id"]), *place)
        return answer

    async def GetIdentityTrends(
        self, _request: pb.GetIdentityTrendsRequest, _context: Any
    ) -> pb.GetIdentityTrendsResponse:
        workspace_id = context.current().workspace_id
        async with self._database.transaction(workspace_id) as tx:
            settings = await current(tx)
            days = await queries.days(tx, self._clock.now() - TRENDS)
            refused, shared = await queries.most_refused(tx, MOST), await queries.most_shared(tx, MOST)
            ids = {r["identity_id"] for r in (*refused, *shared)}
            shown = await named(tx, self._ciphers.of(workspace_id), ids)
            return pb.GetIdentityTrendsResponse(
                days=[pb.DayOfIdentity(**dict(r)) for r in days],
                refused=await queries.refused_counts(tx),
                set_aside=await queries.state_counts(tx),
                well_known_people=await health.well_known(tx, [t.name for t in settings.types if t.strong]),
                most_refused=[_shared(r, shown) for r in refused],
                most_shared=[_shared(r, shown) for r in shared],
            )

    async def ListSplits(self, request: pb.ListSplitsRequest, _context: Any) -> pb.ListSplitsResponse:
        workspace_id = context.current().workspace_id
        size = self._pages.size(request.page_size, 50, 200)
        place = ("splits", str(workspace_id), request.profile_id)
        before = self._pages.position(request.page_token, *place)
        profile_id = argument_uuid(request.profile_id, "profile_id") if request.profile_id else None
        async with self._database.transaction(workspace_id) as tx:
            if profile_id is not None:
                await person_of(tx, profile_id)
            rows = await queries.splits(tx, profile_id, UUID(before) if before else None, size + 1)
            shown = await named(
                tx, self._ciphers.of(workspace_id), {i for r in rows for i in r["identity_ids"]}
            )
        answer = pb.ListSplitsResponse(splits=[_split(r, shown) for r in rows[:size]])
        if len(rows) > size:
            answer.next_page_token = self._pages.token(str(rows[size - 1]["split_id"]), *place)
        return answer


async def person_of(tx: Tx, identity: UUID) -> UUID:
    person = await people.resolve(tx, identity)
    if person is None:
        raise NotFound("no person has this id", kind="profile")
    return person


def _link(link: Link, shown: Mapping[UUID, pb.NamedIdentity]) -> pb.IdentityLink:
    found = pb.IdentityLink(kind=link.kind, message_id=link.message_id)
    for field, identity in (("from", link.one), ("to", link.other)):
        if identity in shown:
            getattr(found, field).CopyFrom(shown[identity])
    if link.at:
        found.time.CopyFrom(stamp(from_ms(link.at)))
    if link.refusal:
        found.refused, found.refused_detail = link.refusal
    return found


def _refused(row: Any, shown: Mapping[UUID, pb.NamedIdentity]) -> pb.IdentityLink:
    refusal = Refusal(row["refused"], row["detail"])
    at = int(row["event_time"].timestamp() * 1000) if row["event_time"].year < 9999 else 0
    return _link(Link(row["low_id"], row["high_id"], "named_together", at, row["message_id"], refusal), shown)


def _aside(row: Any, shown: Mapping[UUID, pb.NamedIdentity]) -> pb.QuarantinedIdentifier:
    return pb.QuarantinedIdentifier(
        identity=shown.get(row["identity_id"]),
        state=row["state"],
        reason=row["reason"],
        time=stamp(row["since"]),
        decide_time=stamp(row["decided_at"]),
        decision_id=str(row["rule_id"] or ""),
    )


def _shared(row: Any, shown: Mapping[UUID, pb.NamedIdentity]) -> pb.SharedIdentity:
    return pb.SharedIdentity(identity=shown.get(row["identity_id"]), count=row["count"])


def _decision(row: Any) -> pb.IdentityDecision:
    return pb.IdentityDecision(
        decision_id=str(row["decision_id"]),
        kind=row["kind"],
        left_identity_ids=map(str, row["left_ids"]),
        right_identity_ids=map(str, row["right_ids"]),
        undoes=str(row["undoes"] or ""),
        reason=row["reason"],
        actor=row["decided_by"],
        time=stamp(row["decided_at"]),
        undone=row["undone"],
    )


def _split(row: Any, shown: Mapping[UUID, pb.NamedIdentity]) -> pb.Split:
    return pb.Split(
        split_id=str(row["split_id"]),
        profile_id=str(row["profile_id"]),
        split_profile_id=str(row["to_profile_id"]),
        taken_off=some_of(shown, row["identity_ids"]),
        rule=row["rule"],
        decision_id=row["evidence"].get("decision_id", ""),
        create_time=stamp(row["created_at"]),
    )


def stamp(at: datetime) -> Timestamp:
    found = Timestamp()
    found.FromDatetime(at)
    return found
