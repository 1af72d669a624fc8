"""Segment's or RudderStack's Python SDK, unchanged but for the host: one call of each kind. Prints the message ids."""

import importlib
import json
import os
import sys
from datetime import datetime
from typing import Any


def main(vendor: str, user: str, happened: datetime) -> None:
    failures: list[str] = []

    def on_error(error: Exception, _batch: Any) -> None:
        failures.append(str(error))

    client = importlib.import_module(f"{vendor}.analytics.client").Client(
        os.environ["WAYPOST_WRITE_KEY"],
        host=os.environ["WAYPOST_URL"],
        gzip=os.environ["GZIP"] == "yes",
        on_error=on_error,
    )
    sent = [
        client.identify(user, {"city": "上海"}, timestamp=happened),
        client.track(user, "Client Spoke", {"total": 12.5}, timestamp=happened),
        client.page(user, "Shop", "Home", timestamp=happened),
        client.screen(user, "Shop", "Cart", timestamp=happened),
        client.group(user, 42, {"plan": "pro"}, timestamp=happened),
        client.alias(f"{user}-before", user, timestamp=happened),
    ]
    client.shutdown()
    print(json.dumps([message["messageId"] for _, message in sent]))
    sys.exit("; ".join(failures) or None)


main(sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3]))
