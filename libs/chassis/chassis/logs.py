"""Structured logs: one JSON line an event, to standard error. Fields are named by the caller; no payloads.

What libraries say through `logging` comes out in the same form."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from chassis import tracing
from chassis.redaction import redact


def configure(service: str) -> None:
    def whose(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Not a context variable: threads of libraries have none of ours."""
        event.setdefault("service", service)
        if found := tracing.ids():
            event["trace_id"], event["span_id"] = found
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        whose,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    written: list[Any] = [
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=[*shared, *written],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def get() -> Any:
    return structlog.get_logger()
