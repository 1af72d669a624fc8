"""gRPC → queries → gRPC."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from chassis import context
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid
from chassis.paging import Pages
from waypost.profile.v1 import profile_service_pb2 as pb
from waypost.profile.v1 import profile_service_pb2_grpc
from waypost.profile.v1.identity_service_pb2 import NamedIdentity

from profile_service.api.commerce_calls import CommerceCalls
from profile_service.api.confinement import is_shown
from profile_service.api.issue_calls import IssueCalls
from profile_service.api.naming import key_of, named, shown_value
from profile_service.domain.identifiers import PERSONAL, ParsePhone
from profile_service.domain.traits import Traits, fold
from profile_service.queries import people

MOST_CONTACTS = 500


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
            profile_id = await self._find(tx, request, cipher)
            if profile_id is None or not await is_shown(tx, profile_id):
                raise NotFound("no person has this id or identifier", kind="profile")
            return pb.GetProfileResponse(profile=await _load_profile(tx, profile_id, cipher))

    async def BatchGetContacts(
        self, request: pb.BatchGetContactsRequest, _context: Any
    ) -> pb.BatchGetContactsResponse:
        if len(request.profile_ids) > MOST_CONTACTS:
            raise InvalidArgument(f"at most {MOST_CONTACTS} people a call", field="profile_ids")
        if request.type not in PERSONAL:
            raise InvalidArgument("type must be phone or email", field="type")
        asked = [argument_uuid(p, "profile_ids") for p in request.profile_ids]
        workspace_id = context.current().workspace_id
        cipher = self._ciphers.of(workspace_id)
        async with self._database.transaction(workspace_id, keyed=True) as tx:
            rows = await people.freshest_contacts(tx, list(set(asked)), request.type)
        return pb.BatchGetContactsResponse(
            contacts=[_contact(p, rows.get(p), request.type, cipher) for p in asked]
        )

    async def ListMerges(self, request: pb.ListMergesRequest, _context: Any) -> pb.ListMergesResponse:
        size = self._pages.size(request.page_size, 50, 200)
        before = self._pages.position(request.page_token, "merges", request.profile_id)
        profile_id = argument_uuid(request.profile_id, "profile_id") if request.profile_id else None
        async with self._database.transaction(context.current().workspace_id) as tx:
            if not await is_shown(tx, profile_id):
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
            row = await people.health(tx)
        sizes = row["sizes"]
        return pb.GetIdentityHealthResponse(
            profile_count=row["profiles"],
            identity_count=row["identities"],
            merge_count=row["merges"],
            event_count=row["events"],
            dead_letter_count=row["dead_letters"],
            cluster_sizes=[sizes.get(str(size), 0) for size in range(1, 11)],
        )

    async def _find(self, tx: Tx, request: pb.GetProfileRequest, cipher: WorkspaceCipher) -> UUID | None:
        if request.WhichOneof("key") == "profile_id":
            return await people.resolve(tx, argument_uuid(request.profile_id, "profile_id"))
        return await people.by_key(tx, key_of(request.identifier, cipher, self._parse_phone))


async def _load_profile(tx: Tx, profile_id: UUID, cipher: WorkspaceCipher) -> pb.Profile:
    rows = await people.identities(tx, profile_id)
    ids = [r["identity_id"] for r in rows]
    profile = pb.Profile(
        profile_id=str(profile_id),
        profile_no=rows[0]["profile_no"],
        traits_json=msgspec.json.encode(fold(_traits(r, cipher) for r in rows)),
        identifiers=[_identifier(r, cipher) for r in await people.identifiers_of(tx, ids)],
        contact_points=_contact_points(await people.contacts_of(tx, ids)),
        version=max(r["version"] for r in rows),
        event_count=await people.event_count(tx, ids),
    )
    profile.create_time.FromDatetime(min(r["created_at"] for r in rows))
    profile.update_time.FromDatetime(max(r["updated_at"] for r in rows))
    return profile


def _traits(row: Any, cipher: WorkspaceCipher) -> Traits:
    held = {}
    if row["sealed_traits"]:
        held = msgspec.json.decode(cipher.open(row["sealed_traits"], b"traits" + row["identity_id"].bytes))
    return Traits({**row["traits"], **held}, {k: tuple(v) for k, v in row["trait_times"].items()})


def _identifier(row: Any, cipher: WorkspaceCipher) -> pb.ProfileIdentifier:
    found = pb.ProfileIdentifier(
        type=row["type"],
        scope=row["scope"],
        value=shown_value(row, cipher),
        identity_id=str(row["identity_id"]),
    )
    found.create_time.FromDatetime(row["created_at"])
    return found


def _contact_points(rows: list[Any]) -> list[pb.ContactPoint]:
    """Newest first, an address once."""
    newest = {(r["type"], r["contact_key"]): r for r in reversed(rows)}
    found = []
    for row in sorted(newest.values(), key=lambda r: r["event_time"], reverse=True):
        point = pb.ContactPoint(type=row["type"], contact_key=row["contact_key"].hex(), address=row["masked"])
        point.update_time.FromDatetime(row["event_time"])
        found.append(point)
    return found


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
