"""Where a platform under test sends its spans: OTLP over HTTP, kept in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from waypost_dev.ports import pick_free


@dataclass(frozen=True)
class Span:
    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    links: frozenset[str]
    """Span ids."""
    attributes: dict[str, Any] = field(hash=False)


@dataclass
class Collector:
    endpoint: str
    spans: dict[str, Span] = field(default_factory=dict)
    """By span id."""

    def of_trace(self, trace_id: str) -> list[Span]:
        return [span for span in self.spans.values() if span.trace_id == trace_id]

    def ancestry(self, span: Span) -> list[Span]:
        """The span and what it hangs below, as far as spans came."""
        line = [span]
        while above := self.spans.get(line[-1].parent_id):
            line.append(above)
        return line

    def environment(self) -> dict[str, str]:
        """Spans of what a test asks to be followed, and of nothing else."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint,
            "OTEL_TRACES_SAMPLER": "parentbased_always_off",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }

    async def take(self, request: web.Request) -> web.Response:
        for resource in ExportTraceServiceRequest.FromString(await request.read()).resource_spans:
            service = _values(resource.resource)["service.name"]
            for spans in resource.scope_spans:
                for one in spans.spans:
                    self.spans[one.span_id.hex()] = Span(
                        service,
                        one.name,
                        one.trace_id.hex(),
                        one.span_id.hex(),
                        one.parent_span_id.hex(),
                        frozenset(link.span_id.hex() for link in one.links),
                        _values(one),
                    )
        body = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=body, content_type="application/x-protobuf")


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    port = pick_free()
    collector = Collector(f"http://127.0.0.1:{port}")
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield collector
    finally:
        await runner.cleanup()


def _values(holder: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in holder.attributes}
