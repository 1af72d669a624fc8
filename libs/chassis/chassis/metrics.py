"""What every service counts, and where Prometheus finds it. A service's own instruments are in its `metrics.py`.

prometheus_client directly: the exporter of OpenTelemetry is a beta on top of it. Labels hold few values, known
beforehand: never the id of a workspace, person, journey, message or record. Counting costs about a microsecond, so it
is done whether or not anybody looks; the door opens, and the gauges are sampled, only with WAYPOST_METRICS_LISTEN.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics, start_http_server
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import CollectorRegistry

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds that a call or a batch may take."""
SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)
"""Seconds that something may wait or be under way."""

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


def counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(name, says, labels, registry=REGISTRY)


def gauge(name: str, says: str, *labels: str) -> Gauge:
    return Gauge(name, says, labels, registry=REGISTRY)


def histogram(name: str, says: str, *labels: str, buckets: tuple[float, ...] = FAST) -> Histogram:
    return Histogram(name, says, labels, registry=REGISTRY, buckets=buckets)


READY = gauge("waypost_ready", "1 while the service's own database answers and it is not leaving.")
RPC_SERVED = histogram(
    "waypost_rpc_server_seconds", "Calls served, by method and gRPC status.", "method", "code"
)
RPC_MADE = histogram("waypost_rpc_client_seconds", "Calls made, by method and gRPC status.", "method", "code")

BATCHES = histogram(
    "waypost_batch_seconds",
    "Batches from fetched to acknowledged. outcome: done, repeat (was done before), failed (comes again).",
    "stream", "lane", "outcome",
)  # fmt: skip
RECORDS = counter("waypost_records_handled", "Records of the batches that were done.", "stream", "lane")
MESSAGE_AGE = histogram(
    "waypost_message_age_seconds",
    "How long ago a batch was stored by the broker when its handling began.",
    "stream", "lane", buckets=SLOW,
)  # fmt: skip
PENDING = gauge(
    "waypost_consumer_pending_messages",
    "Messages not handled yet, by the broker's last word to this process.",
    "stream", "lane", "partition",
)  # fmt: skip
DEAD_LETTERS = counter("waypost_dead_letters", "Records set aside, by reason.", "stream", "reason")

PUBLISHED = histogram("waypost_publish_seconds", "From publishing to the broker's word.", "stream", "outcome")
STREAM_UNSAFE = gauge(
    "waypost_stream_unsafe", "1 while a stream's settings could lose what it took.", "stream"
)
BROKER_CONNECTED = gauge("waypost_broker_connected", "1 while the broker can be reached.")
OUTBOX_ROWS = gauge("waypost_outbox_unpublished_rows", "Rows that wait to be published; counted up to 10000.")
OUTBOX_AGE = gauge(
    "waypost_outbox_oldest_seconds", "Age of the oldest row that waits to be published; 0 without one."
)

POOL_IN_USE = gauge("waypost_pool_in_use", "Database connections that somebody has.")
POOL_SIZE = gauge("waypost_pool_size", "Database connections there may be.")
TRANSACTIONS_REPEATED = counter(
    "waypost_transactions_repeated", "Transactions run again after a deadlock or a serialization failure."
)
LOOP_LAG = histogram("waypost_event_loop_lag_seconds", "How late the event loop wakes a sleeper.")
LAST_PASS = gauge("waypost_loop_last_pass_timestamp_seconds", "When a side loop was last alive.", "loop")


def beat(loop: str) -> None:
    """A side loop says that it is alive: its silence is an alert."""
    LAST_PASS.labels(loop).set_to_current_time()


class _OfService:
    """The registry with the service's name on every sample, so that no query depends on how it was scraped."""

    def __init__(self, service: str) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        for family in REGISTRY.collect():
            family.samples = [
                s._replace(labels={"service": self._service, **s.labels}) for s in family.samples
            ]
            yield family


@contextmanager
def serving(service: str, listen: str) -> Iterator[None]:
    """Answers GET /metrics at host:port from a thread of its own; nowhere when `listen` is empty."""
    if not listen:
        yield
        return
    host, _, port = listen.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]") or "0.0.0.0", _OfService(service))
    except (OSError, ValueError, OverflowError) as error:
        raise OSError(
            f"WAYPOST_METRICS_LISTEN: cannot listen on {listen!r}: {error}; say host:port"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
