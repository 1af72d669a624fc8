"""What is certified of an erasure: what is gone, what stays and why, and when the last copies age out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis import outbox
from chassis.bus import STREAMS

from gateway_service.imports.expiry import FILE_KEPT
from gateway_service.imports.expiry import KEPT as REPORTS_KEPT
from gateway_service.privacy.words import AGES_OUT, KEPT
from gateway_service.store.privacy import PrivacyRequest
from gateway_service.store.rejected import KEPT as REJECTED_KEPT

CHANGES_KEPT = timedelta(days=7)
"""As profile keeps its feed of changes."""
_BETWEEN = max(outbox.KEEP, *(timedelta(days=d) for name, d in STREAMS.items() if name != "INGEST"))


def certificate(request: PrivacyRequest, now: datetime, backups_kept: timedelta) -> dict[str, Any]:
    """For a request all of whose receipts are there."""
    begun: Mapping[str, Any] = request.begun or {}
    ends = {
        "streams": timedelta(days=STREAMS["INGEST"]),
        "events_between_services": _BETWEEN,
        "rejected_samples": REJECTED_KEPT,
        "imported_files": FILE_KEPT,
        "import_reports": REPORTS_KEPT,
        "change_feed": CHANGES_KEPT,
        "backups": backups_kept,
    }
    return {
        "erased_at": begun["erased_at"],
        "completed_at": now.isoformat(),
        "identities": begun["identities"],
        "identifiers_held_back": begun["held_back"],
        "kept": [{"what": s.what, "label_en": s.en, "label_zh": s.zh} for s in KEPT],
        "ages_out": [
            {
                "what": s.what,
                "label_en": s.en,
                "label_zh": s.zh,
                "gone_by": (now + ends[s.what]).isoformat(),
            }
            for s in AGES_OUT
        ],
    }
