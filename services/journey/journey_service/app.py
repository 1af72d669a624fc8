"""The composition root of journey."""

from chassis import workspace_lock
from chassis.consumer import Handler
from chassis.grpc_server import Servicer
from chassis.parts import Parts
from chassis.personal_data import Forgetting, personal_data
from chassis.service import Service
from waypost.journey.v1.journey_service_pb2_grpc import add_JourneyServiceServicer_to_server
from waypost.journey.v1.timeline_service_pb2_grpc import add_TimelineServiceServicer_to_server

from journey_service.api.servicer import JourneyServicer
from journey_service.api.timeline_servicer import TimelineServicer
from journey_service.remote import SegmentRules
from journey_service.settings import JourneySettings
from journey_service.store.definitions import Definitions
from journey_service.store.personal_data import HOLDINGS
from journey_service.usecases.fire_timers import FireTimers
from journey_service.usecases.follow_messages import FollowMessages
from journey_service.usecases.follow_people import FollowPeople


def build(settings: JourneySettings, roles: frozenset[str]) -> Service:
    parts = Parts.of("journey", settings)
    definitions = Definitions()
    consumers: dict[str, Handler] = {
        "PROFILE": Forgetting(
            FollowPeople(parts.database, definitions, SegmentRules(parts.peers), parts.clock),
            HOLDINGS,
            parts.clock,
        ),
        "MESSAGE": FollowMessages(definitions, parts.clock),
    }
    timers = FireTimers(
        parts.database, parts.outbox, definitions, parts.gate, parts.clock, settings.timer_poll_s
    )
    servicer = JourneyServicer(parts.database, definitions, parts.pages, parts.clock)
    return parts.service(
        roles,
        [
            Servicer(
                "waypost.journey.v1.JourneyService",
                add_JourneyServiceServicer_to_server,
                servicer,
                {"CheckRuns": "dispatch"},
            ),
            Servicer(
                "waypost.journey.v1.TimelineService",
                add_TimelineServiceServicer_to_server,
                TimelineServicer(parts.database, parts.pages),
                {"ListTimeline": "gateway"},
            ),
            personal_data(parts, HOLDINGS),
        ],
        [
            parts.consumer(stream, handler, opening=workspace_lock.shared)
            for stream, handler in consumers.items()
        ],
        [timers.run],
        [timers.sample],
    )
