"""Which records are followed, what their handlers see, and that everybody else is left alone."""

import secrets
from collections.abc import Iterator

import pytest
from chassis import tracing
from chassis.spans import Spans
from chassis.telemetry import TRACEPARENT, accept_traceparent, sampled
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from waypost.common.v1 import record_pb2
from waypost.dispatch.v1 import intention_pb2
from waypost.profile.v1 import ingest_pb2


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Tracing on, with spans that stay here."""
    exporter = InMemorySpanExporter()
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    spans = Spans("test", exporter)
    monkeypatch.setattr(tracing, "_spans", spans)
    yield exporter
    spans.flush()


def ended(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """Everything, the batches waiting to leave included, by span id."""
    tracing.flush()
    return {f"{s.context.span_id:016x}": s for s in exporter.get_finished_spans() if s.context}


def traceparent(flags: str = "01") -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{flags}"


def intention(carried: str, text: str = "") -> bytes:
    meta = record_pb2.RecordMeta(record_id="k", traceparent=carried)
    variables = b'{"text": "' + text.encode() + b'"}'
    record = intention_pb2.IntentionRecord(meta=meta, channel="sms", variables_json=variables, run_sequence=3)
    return record.SerializeToString()


def test_a_followed_record_carries_its_own_span_on_and_the_others_are_untouched(
    kept: InMemorySpanExporter,
) -> None:
    quiet, loud = intention(traceparent("00")), traceparent()
    with tracing.batch("SEND", "dispatch", [quiet, intention(loud, "你好"), quiet]) as handed:
        assert (handed[0], handed[2]) == (quiet, quiet)
        seen = intention_pb2.IntentionRecord.FromString(handed[1])
    onward = seen.meta.traceparent
    assert onward[:35] == loud[:35]
    assert onward != loud
    seen.meta.traceparent = loud
    assert seen == intention_pb2.IntentionRecord.FromString(intention(loud, "你好"))
    own = ended(kept)[onward[36:52]]
    assert own.parent
    assert f"{own.parent.span_id:016x}" == loud[36:52]
    (link,) = own.links
    whole = ended(kept)[f"{link.context.span_id:016x}"]
    assert [f"{one.context.trace_id:032x}" for one in whole.links] == [loud[3:35]]
    assert whole.context
    assert own.context
    assert whole.context.trace_id != own.context.trace_id
    assert whole.attributes
    assert whole.attributes["messaging.batch.message_count"] == 3


def test_links_of_a_batch_are_bounded(kept: InMemorySpanExporter) -> None:
    with tracing.batch("SEND", "dispatch", [intention(traceparent()) for _ in range(300)]):
        pass
    spans = ended(kept).values()
    assert sum(span.name == "process SEND record" for span in spans) == 300
    (whole,) = (span for span in spans if span.name == "process SEND")
    assert len(whole.links) == 128


def test_a_batch_that_fails_says_so_and_nothing_of_what_it_held(kept: InMemorySpanExporter) -> None:
    failing = tracing.batch("SEND", "dispatch", [intention(traceparent())])
    with pytest.raises(ValueError), failing:
        raise ValueError("+8613912345678 is not unique")
    for span in ended(kept).values():
        assert not span.status.is_ok
        assert span.attributes
        assert span.attributes["error.type"] == "ValueError"
        assert "8613912345678" not in span.to_json()


@pytest.mark.parametrize("flags", ["00", "01"])
@pytest.mark.parametrize(
    "said",
    ["", traceparent(), f"*7{traceparent()}", f"*7{traceparent('00')}"],
    ids=["nothing", "one", "marked", "marked_unsampled"],
)
def test_what_a_customer_wrote_is_never_taken_for_the_trace(said: str, flags: str) -> None:
    record = ingest_pb2.IngestRecord(
        meta=record_pb2.RecordMeta(record_id="k", traceparent=traceparent(flags)),
        name=said,
        properties_json=said.encode(),
    )
    assert bool(tracing._followed([record.SerializeToString()])) == (flags == "01")
    unknown = ingest_pb2.IngestRecord(name=said, properties_json=said.encode())
    assert not tracing._followed([unknown.SerializeToString()])


def test_off_it_hands_over_what_it_was_given() -> None:
    records = [intention(traceparent())]
    with tracing.batch("SEND", "dispatch", records) as handed:
        assert handed is records
    with tracing.follow("call sms", traceparent()) as span, tracing.inner("part") as part:
        assert (span, part, tracing.traceparent(), tracing.ids()) == (None, None, "", None)


def test_off_a_new_trace_asks_nobody_to_follow_it() -> None:
    given = traceparent()
    for header in (None, "", "00-zz", given.upper(), f"{given} "):
        made = accept_traceparent(header)
        assert TRACEPARENT.match(made)
        assert not sampled(made)
    assert accept_traceparent(given) == given


def test_at_the_edge_the_caller_is_followed_who_asks_for_it(kept: InMemorySpanExporter) -> None:
    asked = traceparent()
    with tracing.edge("POST", asked) as (carried, span):
        assert span is not None
        assert carried[:35] == asked[:35]
        assert tracing.traceparent() == carried
        assert tracing.ids() == (carried[3:35], carried[36:52])
    with tracing.edge("POST", "") as (carried, span):
        assert span is None
        assert TRACEPARENT.match(carried)
        assert tracing.traceparent() == ""


def test_nothing_is_followed_whose_trace_cannot_be_read(kept: InMemorySpanExporter) -> None:
    for broken in ("01", "00-1-1-01", "x" * 53 + "01"):
        with tracing.follow("call sms", broken) as span:
            assert span is None
