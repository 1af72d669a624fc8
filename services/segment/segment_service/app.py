"""The composition root of segment."""

from chassis import workspace_lock
from chassis.clock import Clock
from chassis.parts import Parts
from chassis.personal_data import Forgetting, personal_data
from chassis.service import Service

from segment_service.api.servicer import SegmentServicer, servicer
from segment_service.events.consumers import HANDLERS
from segment_service.settings import SegmentSettings
from segment_service.store.known_names import KnownNames
from segment_service.store.personal_data import HOLDINGS
from segment_service.store.segments import Catalogues
from segment_service.usecases.build_segments import Builder
from segment_service.usecases.keep_current import KeepCurrent


def build(settings: SegmentSettings, roles: frozenset[str], clock: Clock | None = None) -> Service:
    parts = Parts.of("segment", settings, clock)
    builder = Builder(
        parts.database,
        parts.outbox,
        parts.gate,
        parts.clock,
        page=settings.build_page,
        poll_s=settings.build_poll_s,
    )
    keep_current = KeepCurrent(Catalogues(), KnownNames())
    door = SegmentServicer(parts.database, parts.pages, parts.clock, builder.wake)
    return parts.service(
        roles,
        [servicer(door), personal_data(parts, HOLDINGS)],
        [
            parts.consumer(
                stream,
                Forgetting(handler(keep_current), HOLDINGS, parts.clock),
                opening=workspace_lock.shared,
            )
            for stream, handler in HANDLERS.items()
        ],
        [builder.run],
        [builder.sample],
    )
