"""OpenTelemetry behind `tracing`: imported only where spans are wanted."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Thread

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_NAMESPACE, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Decision
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from chassis import semconv
from chassis.telemetry import TRACEPARENT, sampled
from chassis.tracing import Attributes, Kind

FLUSH_S = 3.0
"""How long a process that leaves waits for the collector."""
MOST_LINKS = 128
"""Of one span: so many records of a batch are linked, the first ones."""
_KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
}


class Spans:
    def __init__(self, service: str, exporter: SpanExporter) -> None:
        resource = Resource.create({SERVICE_NAMESPACE: "waypost", SERVICE_NAME: service})
        self._processor = BatchSpanProcessor(exporter)
        # Whoever makes a span has looked already whether it is wanted: at the edge by the environment's sampler, whose
        # own provider would take a tenth of a lone event's time to make a span that is none.
        provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False)
        provider.add_span_processor(self._processor)
        self._tracer = provider.get_tracer("waypost")
        self._sampler = TracerProvider(shutdown_on_exit=False).sampler

    def flush(self) -> None:
        # In a thread of its own: a collector that is away keeps the SDK trying for longer than a process may take.
        ending = Thread(target=self._stop, daemon=True)
        ending.start()
        ending.join(FLUSH_S)

    def _stop(self) -> None:
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def ids(self) -> tuple[str, str] | None:
        context = trace.get_current_span().get_span_context()
        if not context.trace_flags.sampled:
            return None
        return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)

    def mark(self, name: str, value: str | int | bool) -> None:
        trace.get_current_span().set_attribute(name, value)

    def wanted(self, name: str, header: str, carried: str) -> bool:
        """Whether the sampler wants the call followed that came with `header`, and else carries a traceparent on."""
        parent = _remote(header) if header else Context()
        decided = self._sampler.should_sample(parent, int(carried[3:35], 16), name).decision
        return decided is Decision.RECORD_AND_SAMPLE

    @contextmanager
    def edge(self, name: str, header: str) -> Iterator[tuple[Span, str]]:
        span = self._tracer.start_span(name, _remote(header), SpanKind.SERVER)
        with _current(span):
            yield span, _traceparent(span)

    @contextmanager
    def below(self, name: str, parent: str, kind: Kind, attributes: Attributes | None) -> Iterator[Span]:
        span = self._tracer.start_span(name, _remote(parent), _KINDS[kind], attributes)
        with _current(span):
            yield span

    @contextmanager
    def together(
        self, verb: str, subject: str, parents: Sequence[str], attributes: Attributes
    ) -> Iterator[list[str]]:
        links = [Link(found) for one in parents if (found := _context(one)) and sampled(one)]
        whole = self._tracer.start_span(
            f"{verb} {subject}", Context(), SpanKind.CONSUMER, attributes, links[:MOST_LINKS]
        )
        back = [Link(whole.get_span_context())]
        with ExitStack() as stack:
            onward = []
            for one in parents:
                if not sampled(one):
                    onward.append(one)
                    continue
                span = self._tracer.start_span(
                    f"{verb} {subject} record", _remote(one), SpanKind.CONSUMER, links=back
                )
                stack.push(_Ending(span))
                onward.append(_traceparent(span))
            stack.enter_context(_current(whole))
            yield onward


class _Ending:
    """Ends a span that is not current, and says whether what it stood for failed."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        # The type alone: a driver's text quotes the values that it did not like.
        if error is not None:
            self._span.set_attribute(semconv.ERROR, type(error).__name__)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


@contextmanager
def _current(span: Span) -> Iterator[None]:
    with _Ending(span), trace.use_span(span, record_exception=False, set_status_on_exception=False):
        yield


def _context(traceparent: str) -> SpanContext | None:
    if not (found := TRACEPARENT.match(traceparent)):
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))


def _remote(traceparent: str) -> Context:
    """The context whose span is somewhere else; an empty one when there is none."""
    found = _context(traceparent)
    return trace.set_span_in_context(trace.NonRecordingSpan(found), Context()) if found else Context()


def _traceparent(span: Span) -> str:
    context = span.get_span_context()
    trace_id, span_id = trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)
    return f"00-{trace_id}-{span_id}-{int(context.trace_flags.sampled):02x}"
