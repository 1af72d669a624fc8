"""Every line is one JSON object of the same form, whoever says it."""

import json
import os
import subprocess
import sys

SAYS = """
import logging, threading
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from chassis import logs, tracing
from chassis.spans import Spans

logs.configure("profile")
log = logs.get()
log.info("started", roles=["rpc"])
tracing._spans = Spans("profile", InMemorySpanExporter())
with tracing.follow("work", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"):
    log.warning("batch_waits", detail="你好")
    logging.getLogger("aiohttp").warning("slow %s", "call")
thread = threading.Thread(target=lambda: logging.getLogger("grpc").error("from a thread"))
thread.start()
thread.join()
try:
    raise ValueError("broken")
except ValueError:
    logging.getLogger("asyncio").exception("callback failed")
"""


def test_our_lines_and_those_of_libraries_name_the_service_and_the_trace() -> None:
    environment = {**os.environ, "OTEL_TRACES_SAMPLER": "always_on"}
    done = subprocess.run(
        [sys.executable, "-c", SAYS], capture_output=True, text=True, timeout=60, env=environment
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == [
        "started",
        "batch_waits",
        "slow call",
        "from a thread",
        "callback failed",
    ]
    assert {line["service"] for line in lines} == {"profile"}
    assert all({"level", "timestamp"} <= line.keys() for line in lines)
    assert [line.get("trace_id") for line in lines] == [None, "a" * 32, "a" * 32, None, None]
    assert all(len(line["span_id"]) == 16 for line in lines[1:3])
    assert [line.get("logger") for line in lines[2:]] == ["aiohttp", "grpc", "asyncio"]
    assert "ValueError: broken" in lines[4]["exception"]
