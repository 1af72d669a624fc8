"""What is said of consents, and what holds."""

from datetime import timedelta
from typing import Any

from chassis import context
from chassis.clock import ManualClock
from chassis.context import Tenant
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.outbox import Outbox
from chassis.paging import Pages
from profile_service.api.consent_servicer import ConsentServicer
from profile_service.api.servicer import ProfileServicer
from profile_service.phones import parse_phone
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import consent_pb2, profile_events_pb2
from waypost.profile.v1 import consent_service_pb2 as pb
from waypost.profile.v1 import profile_service_pb2 as profile_pb

from tests.integration.silent_bus import SilentBus

from .harness import Profile

GRANTED, WITHDRAWN = consent_pb2.CONSENT_STATE_GRANTED, consent_pb2.CONSENT_STATE_WITHDRAWN


class Ledger(Profile):
    """People, and both doors to their consents."""

    def __init__(self, *made: Any) -> None:
        super().__init__(*made)
        self.clock: ManualClock = made[2]
        pages = Pages(Keyring(bytes(32)))
        outbox = Outbox(self.database, SilentBus("", "test"))
        self.people = ProfileServicer(self.database, self.ciphers, pages, parse_phone)
        self.consents = ConsentServicer(self.database, outbox, self.ciphers, pages, self.clock, parse_phone)
        context.enter(Tenant("gateway", self.workspace_id, actor="shop key"))

    async def person(self, user: str) -> profile_pb.Profile:
        kind, _, value = user.rpartition(":")
        key = profile_pb.IdentifierKey(type=kind or "user_id", value=value)
        return (await self.people.GetProfile(profile_pb.GetProfileRequest(identifier=key), None)).profile

    async def say(
        self, user: str, state: Any, purpose: str = "marketing", channel: str = "sms", **more: Any
    ) -> pb.RecordConsentResponse:
        self.clock.advance(timedelta(seconds=1))
        scope = consent_pb2.ConsentScope(channel=channel, purpose=purpose, topic=more.pop("topic", ""))
        basis = "consent" if state == GRANTED else ""
        request = pb.RecordConsentRequest(
            profile_id=(await self.person(user)).profile_id,
            scope=scope,
            state=state,
            legal_basis=basis,
            **{"source": "shop", "request_id": str(new_id()), **more},
        )
        return await self.consents.RecordConsent(request, None)

    async def refusals(self, *users: str, purpose: str = "marketing", **narrow: str) -> list[str]:
        """What dispatch hears of each when it asks for their phones."""
        contacts = await self.contacts(*users, purpose=purpose, **narrow)
        return [contact.consents[0].refusal for contact in contacts]

    async def contacts(self, *users: str, **scope: str) -> list[profile_pb.Contact]:
        request = profile_pb.BatchGetContactsRequest(
            profile_ids=[(await self.person(user)).profile_id for user in users],
            type="phone",
            consents=[consent_pb2.ConsentScope(channel="sms", **scope)],
        )
        return list((await self.people.BatchGetContacts(request, None)).contacts)

    async def told(self) -> list[profile_events_pb2.ProfileRecord]:
        """What went out on PROFILE by way of the outbox."""
        async with self.database.transaction(self.workspace_id) as tx:
            rows = await tx.fetch(
                "SELECT payload FROM outbox WHERE workspace_id = $1 ORDER BY id", tx.workspace_id
            )
        batches = [record_pb2.RecordBatch.FromString(row["payload"]) for row in rows]
        return [profile_events_pb2.ProfileRecord.FromString(raw) for b in batches for raw in b.records]
