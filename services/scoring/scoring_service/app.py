"""The composition root of scoring."""

from chassis.clock import Clock
from chassis.parts import Parts
from chassis.service import Service

from scoring_service.api.servicer import RfmServicer, servicer
from scoring_service.events.consumers import HANDLERS
from scoring_service.settings import ScoringSettings


def build(settings: ScoringSettings, roles: frozenset[str], clock: Clock | None = None) -> Service:
    parts = Parts.of("scoring", settings, clock)
    door = RfmServicer(parts.database, parts.clock, settings.read_page)
    return parts.service(
        roles,
        [servicer(door)],
        [parts.consumer(stream, handler()) for stream, handler in HANDLERS.items()],
    )
