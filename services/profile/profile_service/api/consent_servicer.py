"""waypost.profile.v1.ConsentService: parse → use case → render."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from chassis import context
from chassis.clock import Clock, from_ms, to_ms
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid, new_id, timed_id
from chassis.outbox import Outbox
from chassis.paging import Pages
from waypost.profile.v1 import consent_pb2, consent_service_pb2_grpc
from waypost.profile.v1 import consent_service_pb2 as pb

from profile_service.api import consent_convert as convert
from profile_service.api.changing import Response, Told, change_and_tell
from profile_service.api.confinement import is_shown
from profile_service.domain.consent import ADDRESS_TYPES
from profile_service.domain.consent_terms import TERMS
from profile_service.domain.identifiers import ParsePhone
from profile_service.domain.identity import Member
from profile_service.events import published_consents as published
from profile_service.queries import consents as queries
from profile_service.queries import people, whole_people
from profile_service.store import consents, credits
from profile_service.store.consents import NewEntry
from profile_service.usecases.record_consents import Recorded, Statement, record_consents

MOST_CREDITS = 100
"""Of one grant."""


class ConsentServicer(consent_service_pb2_grpc.ConsentServiceServicer):  # type: ignore[misc]
    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        ciphers: Ciphers,
        pages: Pages,
        clock: Clock,
        parse_phone: ParsePhone,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._ciphers = ciphers
        self._pages = pages
        self._clock = clock
        self._parse_phone = parse_phone

    async def RecordConsent(self, request: pb.RecordConsentRequest, _: Any) -> pb.RecordConsentResponse:
        tenant = context.current()
        cipher, now = self._ciphers.of(tenant.workspace_id), self._clock.now()
        scope, withdrawn = convert.read_scope(request)
        contact_key = b""
        if request.contact_point:
            contact_key = convert.read_contact_key(
                scope.channel, request.contact_point, cipher, self._parse_phone
            )
        given_at = convert.read_past(request, "given_time", "given_at", now)
        consent_id = timed_id(to_ms(given_at), request.request_id or str(new_id()))
        proof = convert.read_proof(request.proof_json)
        entry = NewEntry(
            consent_id,
            contact_key,
            scope,
            withdrawn,
            request.legal_basis,
            request.text_version,
            request.source,
            cipher.seal(proof, consents.PROOF + consent_id.bytes) if proof else None,
            tenant.actor,
        )

        async def work(tx: Tx) -> Told[pb.RecordConsentResponse]:
            person = await self._person(tx, request.profile_id)
            (recorded,) = await record_consents(tx, [Statement(person, entry)], now)
            response = _recorded(recorded)
            response.given_time.FromDatetime(from_ms(to_ms(given_at)))
            response.record_time.FromDatetime(now)
            return response, [published.stated(recorded, now)]

        return await self._change(request, pb.RecordConsentResponse, work)

    async def ListConsents(self, request: pb.ListConsentsRequest, _: Any) -> pb.ListConsentsResponse:
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        size = self._pages.size(request.page_size, 50, 200)
        place = ("consents", request.profile_id)
        before = self._pages.position(request.page_token, *place)
        async with self._database.transaction(workspace_id) as tx:
            person = await self._person(tx, request.profile_id)
            rows = await queries.history(tx, person, UUID(before) if before else None, size + 1)
            ids = [row["identity_id"] for row in await people.identities(tx, person)]
            points = {row["contact_key"]: row["type"] for row in await whole_people.contact_points(tx, ids)}
            answers = (await queries.of_person(tx, ids, points)).in_force
            required, _said = await consents.required(tx)
        return pb.ListConsentsResponse(
            entries=[convert.entry(row, cipher) for row in rows[:size]],
            in_force=[convert.in_force(answer, required) for answer in answers],
            next_page_token=self._token(len(rows) > size, rows[:size], "consent_id", place),
        )

    async def ListConsentTerms(
        self, _request: pb.ListConsentTermsRequest, _: Any
    ) -> pb.ListConsentTermsResponse:
        return pb.ListConsentTermsResponse(
            terms=[
                pb.ConsentTerm(kind=t.kind, value=t.value, label_en=t.en, label_zh=t.zh, law=t.law)
                for t in TERMS
            ]
        )

    async def GetConsentSettings(
        self, _request: pb.GetConsentSettingsRequest, _: Any
    ) -> pb.GetConsentSettingsResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            row = await consents.settings(tx)
        settings = pb.ConsentSettings(consent_required=bool(row and row["consent_required"]))
        if row:
            settings.update_time.FromDatetime(row["updated_at"])
        return pb.GetConsentSettingsResponse(settings=settings)

    async def SetConsentSettings(
        self, request: pb.SetConsentSettingsRequest, _: Any
    ) -> pb.SetConsentSettingsResponse:
        now = self._clock.now()

        async def work(tx: Tx) -> Told[pb.SetConsentSettingsResponse]:
            await consents.set_settings(tx, request.consent_required, now)
            settings = pb.ConsentSettings(consent_required=request.consent_required)
            settings.update_time.FromDatetime(now)
            return pb.SetConsentSettingsResponse(settings=settings), []

        return await self._change(request, pb.SetConsentSettingsResponse, work)

    async def GrantCredit(self, request: pb.GrantCreditRequest, _: Any) -> pb.GrantCreditResponse:
        now = self._clock.now()
        convert.read_grant_texts(request)
        if not 0 < request.count <= MOST_CREDITS:
            raise InvalidArgument(f"count is 1 to {MOST_CREDITS}", field="count")
        granted_at = convert.read_past(request, "grant_time", "granted_at", now)
        expires_at = convert.expiry(request, granted_at)
        grant_id = timed_id(to_ms(granted_at), "credit", request.request_id or str(new_id()))

        async def work(tx: Tx) -> Told[pb.GrantCreditResponse]:
            openid = await self._openid(tx, request)
            grant = credits.Grant(
                grant_id,
                openid.identity_id,
                request.app_id,
                request.template_id,
                request.count,
                request.source,
                granted_at,
                expires_at,
            )
            await credits.add(tx, grant, context.current().actor)
            return pb.GrantCreditResponse(grant=convert.credit(grant)), [
                published.credited(grant, openid, now)
            ]

        return await self._change(request, pb.GrantCreditResponse, work)

    async def ListCredits(self, request: pb.ListCreditsRequest, _: Any) -> pb.ListCreditsResponse:
        size = self._pages.size(request.page_size, 50, 200)
        place = ("credits", request.profile_id)
        before = self._pages.position(request.page_token, *place)
        async with self._database.transaction(context.current().workspace_id) as tx:
            person = await self._person(tx, request.profile_id)
            now = self._clock.now()
            grants = await credits.page(tx, person, now, UUID(before) if before else None, size + 1)
        token = self._pages.token(str(grants[size - 1].grant_id), *place) if len(grants) > size else ""
        return pb.ListCreditsResponse(grants=map(convert.credit, grants[:size]), next_page_token=token)

    async def GetContactKey(self, request: pb.GetContactKeyRequest, _: Any) -> pb.GetContactKeyResponse:
        if request.channel not in ADDRESS_TYPES:
            raise InvalidArgument(f"channel is one of {', '.join(ADDRESS_TYPES)}", field="channel")
        cipher = self._ciphers.of(context.current().workspace_id)
        key = convert.read_contact_key(request.channel, request.address, cipher, self._parse_phone, "address")
        return pb.GetContactKeyResponse(contact_key=key.hex())

    async def _person(self, tx: Tx, profile_id: str) -> UUID:
        found = await people.resolve(tx, argument_uuid(profile_id, "profile_id"))
        if found is None or not await is_shown(tx, found):
            raise NotFound("no person has this id", kind="profile")
        return found

    async def _openid(self, tx: Tx, request: pb.GrantCreditRequest) -> Member:
        person = await self._person(tx, request.profile_id)
        members = (await consents.members(tx, [person]))[person]
        found = await credits.openids(tx, members, request.app_id)
        if request.openid:
            found = [one for one in found if one[0] == request.openid]
        if not found:
            raise InvalidArgument("the person has no such wechat_openid of this app", field="app_id")
        if len(found) > 1:
            raise InvalidArgument("the person has several openids of this app: name one", field="openid")
        return found[0][1]

    async def _change(
        self,
        request: Any,
        response_type: type[Response],
        work: Callable[[Tx], Awaitable[Told[Response]]],
    ) -> Response:
        opening = consents.PLANNED_ANEW
        return await change_and_tell(
            self._database, self._outbox, request, response_type, work, keyed=True, opening=opening
        )

    def _token(self, more: bool, shown: list[Any], column: str, place: tuple[str, ...]) -> str:
        return self._pages.token(str(shown[-1][column]), *place) if more else ""


def _recorded(recorded: Recorded) -> pb.RecordConsentResponse:
    entry, decided = recorded.statement.entry, recorded.in_force
    return pb.RecordConsentResponse(
        consent_id=str(entry.consent_id),
        profile_id=str(recorded.person.profile_id),
        contact_key=entry.contact_key.hex(),
        in_force=published.state(decided.withdrawn) if decided else consent_pb2.CONSENT_STATE_UNKNOWN,
        subjects=published.subjects(recorded),
    )
