"""IdentityService, what can be done: settings, merge, split, setting aside, undoing."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec
from chassis import context, workspace_lock
from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound, StateConflict
from chassis.ids import argument_uuid
from chassis.outbox import Outbox
from chassis.paging import Pages
from waypost.profile.v1 import identity_service_pb2 as pb
from waypost.profile.v1 import identity_service_pb2_grpc

from profile_service.api.changing import Response, Told, change, change_and_tell
from profile_service.api.identity_reads import IdentityReads, person_of, stamp
from profile_service.api.keys import id_of, key_of
from profile_service.api.naming import named, some_of
from profile_service.api.parting import MERGES, held, merged, parts
from profile_service.domain.identifiers import ParsePhone
from profile_service.domain.identity_settings import SHIPPED, IdentitySettings
from profile_service.domain.identity_settings_form import Wrong, read_settings, write_settings
from profile_service.events import published
from profile_service.store import changes, decisions, settings_in_force
from profile_service.store.settings_in_force import SettingsInForce, current
from profile_service.usecases.decide_people import Actor, Decided, DecidePeople
from profile_service.usecases.news import moves
from profile_service.usecases.preview_settings import MOST_LEAVING, SAMPLES, PreviewSettings, concerned

MOST_IDENTITIES = 500
Deciding = Callable[[Tx, IdentitySettings, Actor], Awaitable[Decided]]


class IdentityServicer(IdentityReads, identity_service_pb2_grpc.IdentityServiceServicer):  # type: ignore[misc]
    def __init__(
        self,
        database: Database,
        ciphers: Ciphers,
        pages: Pages,
        outbox: Outbox,
        clock: Clock,
        settings: SettingsInForce,
        parse_phone: ParsePhone,
    ) -> None:
        self._database = database
        self._ciphers = ciphers
        self._pages = pages
        self._outbox = outbox
        self._clock = clock
        self._settings = settings
        self._parse_phone = parse_phone
        self._decide = DecidePeople(clock)
        self._preview = PreviewSettings(clock)

    async def GetIdentitySettings(
        self, _request: pb.GetIdentitySettingsRequest, _context: Any
    ) -> pb.GetIdentitySettingsResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            return pb.GetIdentitySettingsResponse(settings=await _settings(tx))

    async def UpdateIdentitySettings(
        self, request: pb.UpdateIdentitySettingsRequest, _context: Any
    ) -> pb.UpdateIdentitySettingsResponse:
        workspace_id = context.current().workspace_id
        wanted = _read(request.settings_json)

        async def update(tx: Tx) -> pb.UpdateIdentitySettingsResponse:
            await _keep_strengths(tx, wanted)
            data = write_settings(wanted)
            now, actor = self._clock.now(), context.current().actor
            if not await settings_in_force.save(tx, data, request.version, now, actor):
                raise StateConflict(
                    "somebody else has changed the settings; read them again", state="changed"
                )
            return pb.UpdateIdentitySettingsResponse(settings=await _settings(tx))

        answer = await change(self._database, request, pb.UpdateIdentitySettingsResponse, update)
        self._settings.forget(workspace_id)
        return answer

    async def DryRunIdentitySettings(
        self, request: pb.DryRunIdentitySettingsRequest, _context: Any
    ) -> pb.DryRunIdentitySettingsResponse:
        workspace_id = context.current().workspace_id
        wanted = _read(request.settings_json, "settings")
        days = request.days or 30
        if not 1 <= days <= 90:
            raise InvalidArgument("must be from 1 to 90", field="days")
        cipher = self._ciphers.of(workspace_id)
        async with self._database.transaction(workspace_id) as tx:
            await _keep_strengths(tx, wanted)
            found = await self._preview(tx, wanted, days)
            merges, splits = found.merges[:SAMPLES], found.splits[:SAMPLES]
            shown = await named(
                tx, cipher, {i for m in merges for i in m.ends} | {i for s in splits for i in s.identity_ids}
            )
        people = concerned(found)
        return pb.DryRunIdentitySettingsResponse(
            from_time=stamp(found.since),
            identifiers=found.identifiers,
            truncated=found.truncated,
            people_before=found.before,
            people_after=found.after,
            merges=len(found.merges),
            splits=len(found.splits),
            merge_samples=[
                pb.PlannedMerge(
                    profile_id=str(m.winner_id),
                    merged_profile_ids=map(str, m.loser_ids),
                    joined=some_of(shown, m.ends),
                )
                for m in merges
            ],
            split_samples=[
                pb.PlannedSplit(profile_id=str(s.from_id), taken_off=some_of(shown, s.identity_ids))
                for s in splits
            ],
            largest=[pb.PlannedPerson(profile_id=str(p), identifiers=n) for n, p in found.largest],
            refused=found.refused,
            profile_ids=map(str, people),
            leaving=[
                pb.LeavingIdentities(
                    identity_ids=_some(found.leaving[p].identities),
                    profile_ids=_some(found.leaving[p].known_as),
                )
                for p in people
                if p in found.leaving
            ],
        )

    async def MergeProfiles(
        self, request: pb.MergeProfilesRequest, _context: Any
    ) -> pb.MergeProfilesResponse:
        asked = [
            argument_uuid(request.profile_id, "profile_id"),
            argument_uuid(request.with_profile_id, "with_profile_id"),
        ]

        async def merge(tx: Tx, settings: IdentitySettings, actor: Actor) -> Decided:
            one, other = await held(tx, asked)
            return await self._decide.merge(tx, settings, one, other, actor)

        async def answer(tx: Tx, decided: Decided) -> pb.MergeProfilesResponse:
            person = await person_of(tx, asked[0])
            return pb.MergeProfilesResponse(decision_id=str(decided.decision_id), profile_id=str(person))

        return await self._decided(request, pb.MergeProfilesResponse, merge, answer)

    async def SplitProfile(self, request: pb.SplitProfileRequest, _context: Any) -> pb.SplitProfileResponse:
        named_ones = [*request.identity_ids, *request.identifiers]
        if bool(request.merge_id) == bool(named_ones):
            raise InvalidArgument("give either merge_id or identifiers", field="merge_id")
        if len(named_ones) > MOST_IDENTITIES:
            raise InvalidArgument(f"at most {MOST_IDENTITIES} at once", field="identity_ids")
        merge_id = id_of(request.merge_id, "merge_id", MERGES) if request.merge_id else None
        asked = argument_uuid(request.profile_id, "profile_id") if named_ones or request.profile_id else None
        identity_ids = [argument_uuid(i, "identity_ids") for i in request.identity_ids]
        cipher = self._ciphers.of(context.current().workspace_id)
        keys = [key_of(i, cipher, self._parse_phone, "identifiers") for i in request.identifiers]

        async def split(tx: Tx, settings: IdentitySettings, actor: Actor) -> Decided:
            if merge_id is not None:
                person, off = await merged(tx, merge_id, asked)
            else:
                [person] = await held(tx, [asked])
                off = await parts(tx, person, identity_ids, keys)
            return await self._decide.split(tx, settings, person, off, actor)

        async def answer(tx: Tx, decided: Decided) -> pb.SplitProfileResponse:
            sides = (await decisions.get(tx, decided.decision_id) or _gone())[0]
            left, right = await person_of(tx, sides.left[0]), await person_of(tx, sides.right[0])
            return pb.SplitProfileResponse(
                decision_id=str(decided.decision_id), profile_id=str(right), split_profile_id=str(left)
            )

        return await self._decided(request, pb.SplitProfileResponse, split, answer)

    async def DecideQuarantine(
        self, request: pb.DecideQuarantineRequest, _context: Any
    ) -> pb.DecideQuarantineResponse:
        identity = id_of(request.identity_id, "identity_id", "the person's identifiers have theirs")

        async def decide(tx: Tx, settings: IdentitySettings, actor: Actor) -> Decided:
            return await self._decide.set_aside(tx, settings, identity, request.state, actor)

        async def answer(_tx: Tx, decided: Decided) -> pb.DecideQuarantineResponse:
            return pb.DecideQuarantineResponse(decision_id=str(decided.decision_id))

        return await self._decided(request, pb.DecideQuarantineResponse, decide, answer)

    async def UndoDecision(self, request: pb.UndoDecisionRequest, _context: Any) -> pb.UndoDecisionResponse:
        decision_id = id_of(request.decision_id, "decision_id", "the list of decisions has it")

        async def undo(tx: Tx, settings: IdentitySettings, actor: Actor) -> Decided:
            return await self._decide.undo(tx, settings, decision_id, actor)

        async def answer(_tx: Tx, decided: Decided) -> pb.UndoDecisionResponse:
            return pb.UndoDecisionResponse(decision_id=str(decided.decision_id))

        return await self._decided(request, pb.UndoDecisionResponse, undo, answer)

    async def _decided(
        self,
        request: Any,
        response: type[Response],
        decide: Deciding,
        answer: Callable[[Tx, Decided], Awaitable[Response]],
    ) -> Response:
        """Decides once for each request id, and announces it."""
        tenant = context.current()
        # A split is announced with what it takes back.
        if not request.reason.strip() and not isinstance(request, pb.SplitProfileRequest):
            raise InvalidArgument("say why: others will ask", field="reason")

        async def work(tx: Tx) -> Told[Response]:
            decided = await decide(tx, await current(tx), Actor(tenant.actor, request.reason))
            now = self._clock.now()
            changes.record(tx, moves(decided.applied), now)
            records = published.moves(decided.applied, {}, published.ByHand(now, now))
            return await answer(tx, decided), records

        # An erasure waits for this, or this for it.
        opening = workspace_lock.shared(tenant.workspace_id)
        return await change_and_tell(self._database, self._outbox, request, response, work, opening=opening)


async def _settings(tx: Tx) -> pb.IdentitySettings:
    row = await settings_in_force.row(tx)
    found = pb.IdentitySettings(
        settings_json=msgspec.json.encode(write_settings(await current(tx))), settled=True
    )
    if row is not None:
        found.version, found.updated_by = row["version"], row["updated_by"]
        found.update_time.FromDatetime(row["updated_at"])
        found.settled = row["settled_version"] == row["version"]
    return found


def _read(data: bytes, under: str = "") -> IdentitySettings:
    """`under`: where in the caller's body the settings stand."""
    try:
        return read_settings(msgspec.json.decode(data))
    except msgspec.DecodeError as error:
        raise InvalidArgument("not JSON", field="settings_json") from error
    except Wrong as wrong:
        raise InvalidArgument(wrong.detail, field=f"{under}{wrong.pointer}".lstrip("/")) from wrong


async def _keep_strengths(tx: Tx, wanted: IdentitySettings) -> None:
    """A type that is in use stays strong or weak: what it proved would otherwise hang in the air."""
    known = await current(tx)
    names = {t.name for t in (*known.types, *wanted.types)} - {t.name for t in SHIPPED}
    turned = [n for n in sorted(names) if known.is_strong(n) != wanted.is_strong(n)]
    if turned and (used := await settings_in_force.in_use(tx, turned)):
        raise StateConflict(
            f"{', '.join(sorted(used))} is in use as {'strong' if known.is_strong(min(used)) else 'weak'}; "
            "add a new type instead",
            state="in_use",
        )


def _some(ids: Iterable[UUID]) -> list[str]:
    return sorted(map(str, ids))[:MOST_LEAVING]


def _gone() -> Any:
    raise NotFound("no decision has this id", kind="decision")
