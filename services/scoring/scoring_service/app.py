"""The composition root of scoring."""

from chassis import workspace_lock
from chassis.clock import Clock
from chassis.parts import Parts
from chassis.personal_data import Forgetting, personal_data
from chassis.service import Service

from scoring_service.api.servicer import RfmServicer, servicer
from scoring_service.events.consumers import HANDLERS
from scoring_service.settings import ScoringSettings
from scoring_service.store.personal_data import HOLDINGS


def build(settings: ScoringSettings, roles: frozenset[str], clock: Clock | None = None) -> Service:
    parts = Parts.of("scoring", settings, clock)
    door = RfmServicer(parts.database, parts.clock, settings.read_page)
    return parts.service(
        roles,
        [servicer(door), personal_data(parts, HOLDINGS)],
        [
            parts.consumer(
                stream, Forgetting(handler(), HOLDINGS, parts.clock), opening=workspace_lock.shared
            )
            for stream, handler in HANDLERS.items()
        ],
    )
