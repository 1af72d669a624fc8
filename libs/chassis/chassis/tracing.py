"""Spans, so that one event can be followed from the call that brought it to the provider's answer.

They leave by OTLP over HTTP (protobuf). Off unless OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) is set; off, each
function here compares with None and leaves. The other standard variables count too, above all OTEL_TRACES_SAMPLER: the
decision is made once, at the gateway's edge, and travels in the traceparent of each record; what is not sampled costs
one search a record.

Work on a batch is one span of a trace of its own, linked to the records that are followed. Each of those has a span in
its own trace, whose traceparent the handler sees in the record's place: so what it publishes hangs below.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from google.protobuf.message import DecodeError
from waypost.common.v1 import record_pb2

from chassis import semconv
from chassis.telemetry import accept_traceparent, sampled, unsampled

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from chassis.spans import Spans

Kind = Literal["internal", "server", "client", "consumer"]
Attributes = Mapping[str, Any]

_CARRIED = b"\x2a\x3700-"
"""How RecordMeta.traceparent begins on the wire: tag, length, version. Flags end it, 57 bytes from here."""
_spans: "Spans | None" = None


def configure(service: str) -> None:
    """Reads the environment; call once, before anything is served."""
    global _spans
    wanted = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if disabled or not any(os.environ.get(name) for name in wanted):
        return
    # Here alone: the SDK costs half a second of the start.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    from chassis.spans import Spans

    _spans = Spans(service, OTLPSpanExporter())


def is_on() -> bool:
    return _spans is not None


def flush() -> None:
    """Hands over what is left; before the process ends."""
    if _spans is not None:
        _spans.flush()


def ids() -> tuple[str, str] | None:
    """Trace id and span id, in hexadecimal, of what is being done; None when that is not followed."""
    return _spans.ids() if _spans is not None else None


def traceparent() -> str:
    """Of the span of what is being done, for a call to somebody else; empty when it is not followed."""
    found = ids()
    return f"00-{found[0]}-{found[1]}-01" if found else ""


@contextmanager
def edge(name: str, header: str | None) -> Iterator[tuple[str, "Span | None"]]:
    """A call from outside: here it is decided whether it is followed. Yields the traceparent that its records carry.
    Only while tracing is on."""
    assert _spans is not None
    carried = accept_traceparent(header)
    if not _spans.wanted(name, header or "", carried):
        yield unsampled(carried), None
        return
    with _spans.edge(name, header or "") as (span, carried):
        yield carried, span


@contextmanager
def follow(
    name: str, parent: str, kind: Kind = "internal", attributes: Attributes | None = None
) -> "Iterator[Span | None]":
    """Something done for the trace of `parent`, a traceparent; None when that is not followed."""
    if _spans is None or not sampled(parent):
        yield None
        return
    with _spans.below(name, parent, kind, attributes) as span:
        yield span


@contextmanager
def inner(
    name: str, kind: Kind = "internal", attributes: Attributes | None = None
) -> "Iterator[Span | None]":
    """A part of what is being done; None when that is not followed."""
    if _spans is None:
        yield None
        return
    with follow(name, traceparent(), kind, attributes) as span:
        yield span


@contextmanager
def together(
    verb: str, subject: str, parents: Sequence[str], attributes: Attributes | None = None
) -> Iterator[Sequence[str]]:
    """Work done together for these traceparents; yields what each is to hand on, in the same order."""
    if _spans is None or not any(map(sampled, parents)):
        yield parents
        return
    with _spans.together(verb, subject, parents, attributes or {}) as onward:
        yield onward


@contextmanager
def batch(stream: str, group: str, records: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """A batch being handled; yields the records, in those that are followed the traceparent of their span here."""
    heads = _followed(records) if _spans is not None else {}
    if not heads:
        yield records
        return
    attributes = {
        semconv.MESSAGING_SYSTEM: "nats",
        semconv.DESTINATION: stream,
        semconv.DESTINATION_TEMPLATE: f"{stream}.{{lane}}.{{partition}}",
        semconv.OPERATION: "process",
        semconv.GROUP: group,
        semconv.COUNT: len(records),
    }
    parents = [head.meta.traceparent for head in heads.values()]
    with together("process", stream, parents, attributes) as onward:
        handed = list(records)
        for (place, head), own in zip(heads.items(), onward, strict=True):
            head.meta.traceparent = own
            handed[place] = head.SerializeToString()
        yield handed


def mark(name: str, value: Any) -> None:
    """An attribute of the span of what is being done, if there is one."""
    if _spans is not None:
        _spans.mark(name, value)


def _followed(records: Sequence[bytes]) -> dict[int, Any]:
    """Place → head of each record whose trace is sampled."""
    heads: dict[int, Any] = {}
    for place, record in enumerate(records):
        at = record.find(_CARRIED)
        if at >= 0 and record[at + 55 : at + 57] == b"01":
            try:
                head = record_pb2.RecordHead.FromString(record)
            except DecodeError:
                continue  # the handler buries it
            # What was found may stand in somebody's properties.
            if sampled(head.meta.traceparent):
                heads[place] = head
    return heads
