"""The composition root of dispatch: reads top to bottom."""

from datetime import timedelta

from chassis import workspace_lock
from chassis.clock import Clock
from chassis.grpc_server import Servicer
from chassis.parts import Parts
from chassis.personal_data import Forgetting, personal_data
from chassis.service import Service
from waypost.dispatch.v1 import (
    message_service_pb2,
    message_service_pb2_grpc,
    suppression_service_pb2,
    suppression_service_pb2_grpc,
)
from waypost.dispatch.v1.opt_out_service_pb2_grpc import add_OptOutServiceServicer_to_server
from waypost.dispatch.v1.reach_service_pb2_grpc import add_ReachServiceServicer_to_server
from waypost.dispatch.v1.timeline_service_pb2_grpc import add_TimelineServiceServicer_to_server

from dispatch_service.api.message_servicer import MessageServicer
from dispatch_service.api.opt_out_servicer import OptOutServicer
from dispatch_service.api.reach_servicer import ReachServicer
from dispatch_service.api.suppression_servicer import SuppressionServicer
from dispatch_service.api.timeline_servicer import TimelineServicer
from dispatch_service.channels.registry import providers
from dispatch_service.events.consumers import SendHandler
from dispatch_service.events.opt_outs import opt_out_record, reply_record
from dispatch_service.events.published import message_record
from dispatch_service.mail.unsubscribe_links import UnsubscribeLinks
from dispatch_service.remote import JourneyRuns, ProfileContactKeys, ProfileContacts
from dispatch_service.rendering import LiquidRenderer
from dispatch_service.settings import Settings
from dispatch_service.store.personal_data import HOLDINGS
from dispatch_service.template_checks import TemplateChecks
from dispatch_service.usecases.call_provider import CallProvider
from dispatch_service.usecases.claim_due import ClaimDue
from dispatch_service.usecases.hear_consents import HearConsents
from dispatch_service.usecases.hear_replies import HearReplies
from dispatch_service.usecases.record_callback import RecordCallback
from dispatch_service.usecases.send_due import SendDue
from dispatch_service.usecases.settle import Settle
from dispatch_service.usecases.store_intentions import StoreIntentions
from dispatch_service.usecases.suppress import Suppress
from dispatch_service.usecases.unsubscribe import Unsubscribe
from dispatch_service.usecases.wake import Wake
from dispatch_service.usecases.watch_leases import WatchLeases


def build(settings: Settings, roles: frozenset[str], clock: Clock | None = None) -> Service:
    parts = Parts.of("dispatch", settings, clock)
    call_timeout = timedelta(seconds=settings.call_timeout_s)
    links = UnsubscribeLinks(settings.public_url, settings.unsubscribe_keys)
    ways_out = providers(settings, parts.clock, links)
    checks = TemplateChecks()
    sends, asks, leases = Wake(), Wake(), Wake()
    settle = Settle(
        parts.database,
        parts.outbox,
        parts.clock,
        message_record,
        opt_out_record,
        {"send": sends, "ask": asks, "lease": leases},
    )
    sender = SendDue(
        parts.database,
        parts.clock,
        parts.gate,
        sends,
        ClaimDue(parts.database, parts.clock, timedelta(seconds=settings.reserve_s)),
        ProfileContacts(parts.peers),
        JourneyRuns(parts.peers),
        LiquidRenderer(),
        CallProvider(parts.database, parts.clock, ways_out, settle),
        settle,
    )
    watcher = WatchLeases(
        parts.database, parts.clock, parts.gate, ways_out, settle, call_timeout, asks, leases
    )
    handler = SendHandler(StoreIntentions(parts.clock, ways_out, settings.per_second), parts.clock, sends)
    keys = ProfileContactKeys(parts.peers)
    replies = HearReplies(parts.database, parts.outbox, parts.clock, keys, reply_record)
    servicer = MessageServicer(
        parts.database,
        parts.clock,
        parts.pages,
        ways_out,
        checks,
        RecordCallback(ways_out, settle, replies),
        links,
        Unsubscribe(parts.database, parts.outbox, parts.clock, opt_out_record),
    )
    name = message_service_pb2.DESCRIPTOR.services_by_name["MessageService"].full_name
    suppressed = suppression_service_pb2.DESCRIPTOR.services_by_name["SuppressionService"].full_name
    service = parts.service(
        roles,
        [
            Servicer(name, message_service_pb2_grpc.add_MessageServiceServicer_to_server, servicer),
            Servicer(
                "waypost.dispatch.v1.TimelineService",
                add_TimelineServiceServicer_to_server,
                TimelineServicer(parts.database, parts.pages),
                {"ListTimeline": "gateway"},
            ),
            Servicer(
                "waypost.dispatch.v1.ReachService",
                add_ReachServiceServicer_to_server,
                ReachServicer(parts.database),
                {"CountMessages": "gateway"},
            ),
            Servicer(
                suppressed,
                suppression_service_pb2_grpc.add_SuppressionServiceServicer_to_server,
                SuppressionServicer(
                    parts.database, parts.clock, parts.pages, Suppress(parts.database, parts.clock)
                ),
                {"Suppress": "gateway"},
            ),
            Servicer(
                "waypost.dispatch.v1.OptOutService",
                add_OptOutServiceServicer_to_server,
                OptOutServicer(parts.database, parts.clock),
            ),
            personal_data(parts, HOLDINGS),
        ],
        consumers=[
            parts.consumer("SEND", handler, after_commit=handler.committed),
            parts.consumer(
                "PROFILE",
                Forgetting(HearConsents(parts.clock), HOLDINGS, parts.clock),
                opening=workspace_lock.shared,
            ),
        ],
        loops=[sender.run, watcher.reap, watcher.ask],
        samplers=[sender.sample],
    )
    service.closers = [ways_out.close, checks.close]
    return service
