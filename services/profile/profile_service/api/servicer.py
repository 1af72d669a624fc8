"""gRPC → queries → gRPC."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis import context
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid
from chassis.paging import Pages
from consents import PERSON, Scope
from waypost.profile.v1 import consent_pb2, profile_service_pb2_grpc
from waypost.profile.v1 import profile_service_pb2 as pb
from waypost.profile.v1.identity_service_pb2 import NamedIdentity

from profile_service.api.commerce_calls import CommerceCalls
from profile_service.api.confinement import is_shown
from profile_service.api.consent_convert import in_force
from profile_service.api.issue_calls import IssueCalls
from profile_service.api.keys import key_of
from profile_service.api.loading import load_person
from profile_service.api.naming import named
from profile_service.domain.identifiers import PERSONAL, ParsePhone
from profile_service.domain.identity import Member
from profile_service.queries import consents as consent_queries
from profile_service.queries import health, people
from profile_service.queries.consents import InForce
from profile_service.store import consents, identifiers

MOST_CONTACTS = 500
MOST_QUESTIONS = 5
"""Of consent, in a call for contacts."""


class ProfileServicer(CommerceCalls, IssueCalls, profile_service_pb2_grpc.ProfileServiceServicer):  # type: ignore[misc]
    def __init__(self, database: Database, ciphers: Ciphers, pages: Pages, parse_phone: ParsePhone) -> None:
        self._database = database
        self._ciphers = ciphers
        self._pages = pages
        self._parse_phone = parse_phone

    async def GetProfile(self, request: pb.GetProfileRequest, _context: Any) -> pb.GetProfileResponse:
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        async with self._database.transaction(workspace_id) as tx:
            found = await self._find(tx, request, cipher)
            if found is None or not await is_shown(tx, found.profile_id):
                raise NotFound("no person has this id or identifier", kind="profile")
            person = await load_person(tx, found.profile_id, cipher)
            return pb.GetProfileResponse(profile=person, identity_id=str(found.identity_id))

    async def BatchGetContacts(
        self, request: pb.BatchGetContactsRequest, _context: Any
    ) -> pb.BatchGetContactsResponse:
        if len(request.profile_ids) > MOST_CONTACTS:
            raise InvalidArgument(f"at most {MOST_CONTACTS} people a call", field="profile_ids")
        if request.type not in PERSONAL:
            raise InvalidArgument("type must be phone or email", field="type")
        if len(request.consents) > MOST_QUESTIONS:
            raise InvalidArgument(f"at most {MOST_QUESTIONS} questions a call", field="consents")
        asked = [argument_uuid(p, "profile_ids") for p in request.profile_ids]
        scopes = [Scope(one.channel, one.purpose, one.topic, one.org_unit_id) for one in request.consents]
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        opening = consents.PLANNED_ANEW if scopes else ""
        async with self._database.transaction(workspace_id, keyed=True, opening=opening) as tx:
            rows = await people.freshest_contacts(tx, list(set(asked)), request.type)
            narrow = {scope.channel for scope in scopes if scope.topic or scope.org_unit_id}
            versions = await _versions(tx, rows.values(), narrow) if narrow else {}
            answers = await _consents(tx, rows.values(), scopes) if scopes else {}
        response = pb.BatchGetContactsResponse()
        for profile_id in asked:
            row = rows.get(profile_id)
            contact = response.contacts.add()
            contact.CopyFrom(_contact(profile_id, row, request.type, cipher))
            if row is not None and scopes:
                contact.consents.extend(answers[_place(row)])
                if narrow:
                    contact.consent_version = versions[_place(row)]
        return response

    async def ListMerges(self, request: pb.ListMergesRequest, _context: Any) -> pb.ListMergesResponse:
        size = self._pages.size(request.page_size, 50, 200)
        before = self._pages.position(request.page_token, "merges", request.profile_id)
        profile_id = argument_uuid(request.profile_id, "profile_id") if request.profile_id else None
        async with self._database.transaction(context.current().workspace_id) as tx:
            known = profile_id is None or await people.resolve(tx, profile_id) is not None
            if not known or not await is_shown(tx, profile_id):
                raise NotFound("no person has this id", kind="profile")
            rows = await people.merges(tx, profile_id, UUID(before) if before else None, size)
            ends = {UUID(i) for r in rows for i in r["evidence"].get("identity_ids", ())}
            shown = await named(tx, self._ciphers.of(context.current().workspace_id), ends)
        token = ""
        if len(rows) == size:
            token = self._pages.token(str(rows[-1]["merge_id"]), "merges", request.profile_id)
        return pb.ListMergesResponse(merges=[_merge(r, shown) for r in rows], next_page_token=token)

    async def GetIdentityHealth(
        self, _request: pb.GetIdentityHealthRequest, _context: Any
    ) -> pb.GetIdentityHealthResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            found = await health.health(tx)
        return pb.GetIdentityHealthResponse(
            profile_count=found.profiles,
            identity_count=found.identities,
            merge_count=found.merges,
            event_count=found.events,
            dead_letter_count=found.dead_letters,
            cluster_sizes=[found.sizes.get(size, 0) for size in range(1, 11)],
            counted_share=found.share,
        )

    async def _find(self, tx: Tx, request: pb.GetProfileRequest, cipher: WorkspaceCipher) -> Member | None:
        if request.WhichOneof("key") == "profile_id":
            asked = argument_uuid(request.profile_id, "profile_id")
            return (await identifiers.current(tx, [asked])).get(asked)
        key = key_of(request.identifier, cipher, self._parse_phone, "identifier")
        return (await identifiers.find(tx, [key])).get(key)


def _place(row: Any) -> tuple[UUID, bytes]:
    return row["current_id"], row["contact_key"] or PERSON


async def _versions(tx: Tx, rows: Iterable[Any], channels: Collection[str]) -> dict[tuple[UUID, bytes], int]:
    subjects = {
        place: [(c, subject) for c in channels for subject in (place[0].bytes, place[1]) if subject]
        for place in map(_place, rows)
    }
    known = await consents.versions(tx, {one for several in subjects.values() for one in several})
    return {
        place: max((known.get(one, 0) for one in several), default=0) for place, several in subjects.items()
    }


async def _consents(
    tx: Tx, rows: Iterable[Any], scopes: Sequence[Scope]
) -> dict[tuple[UUID, bytes], list[consent_pb2.ConsentInForce]]:
    required, said = await consents.required(tx)
    places = list(map(_place, rows))
    if not said:
        nothing = [in_force(InForce(scope, PERSON, None), required) for scope in scopes]
        return dict.fromkeys(places, nothing)
    found = await consent_queries.at_contacts(tx, places, scopes)
    return {place: [in_force(one, required) for one in answers] for place, answers in found.items()}


def _contact(asked: UUID, row: Any, contact_type: str, cipher: WorkspaceCipher) -> pb.Contact:
    if row is None:
        return pb.Contact(profile_id=str(asked))
    contact = pb.Contact(profile_id=str(asked), current_profile_id=str(row["current_id"]))
    if row["contact_key"] is not None:
        point = contact.contact_point
        point.type = contact_type
        point.contact_key = row["contact_key"].hex()
        point.address = cipher.open(row["sealed_address"], b"contact" + row["contact_key"]).decode()
        point.update_time.FromDatetime(row["event_time"])
    return contact


def _merge(row: Any, shown: Mapping[UUID, NamedIdentity]) -> pb.Merge:
    evidence = row["evidence"]
    if "identity_ids" in evidence:
        ends = [shown[UUID(i)] for i in evidence["identity_ids"] if UUID(i) in shown]
        identifiers = [{"type": e.type, "scope": e.scope, "value": e.value} for e in ends]
        evidence = {"message_id": evidence["message_id"], "identifiers": identifiers}
    merge = pb.Merge(
        merge_id=str(row["merge_id"]),
        profile_id=str(row["profile_id"]),
        merged_profile_ids=[str(p) for p in row["merged_profile_ids"]],
        rule=row["rule"],
        evidence_json=msgspec.json.encode(evidence),
    )
    merge.create_time.FromDatetime(row["created_at"])
    return merge
