"""One JSON object a line. Never a number, a text or a request body: exceptions are named, not quoted."""

import json
import logging
import sys
import traceback

from waypost_sandbox import clock


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": clock.rfc3339(clock.now()),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        entry.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            entry["error"] = record.exc_info[0].__name__
            entry["where"] = f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
        return json.dumps(entry, ensure_ascii=False)


def configure() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The mail library would name senders and recipients.
    logging.getLogger("mail.log").setLevel(logging.ERROR)


def line(event: str, error: BaseException | None = None, **fields: object) -> None:
    bad = error is not None or event == "error"
    level = logging.ERROR if bad else logging.INFO
    logging.getLogger("sandbox").log(level, event, exc_info=error, extra={"fields": fields})
