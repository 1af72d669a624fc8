"""The page: golden signals of each process, streams, limits, and the figures that tell how the platform is doing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from waypost_dev.observing.reading import Between
from waypost_dev.observing.words import say

SILENT_S = 60.0
_CALLS = ("waypost_http_seconds", "waypost_rpc_server_seconds")
_FAULTS = (
    ("waypost_http_seconds_count", {"status": "5xx"}),
    *(
        ("waypost_rpc_server_seconds_count", {"code": code})
        for code in ("INTERNAL", "UNAVAILABLE", "UNKNOWN")
    ),
)

Processes = Mapping[str, Between | None]
"""Name → what it did since the page before; None when it does not answer."""


def page(processes: Processes, lang: str) -> RenderableType:
    known = {name: between for name, between in processes.items() if between}
    return Group(
        _services(processes, lang), _streams(known, lang), _limits(known, lang), _figures(known, lang)
    )


def _services(processes: Processes, lang: str) -> Table:
    columns = (
        "service", "state", "calls", "errors", "p50", "p99", "loop_lag", "pool", "outbox", "oldest", "dead",
    )  # fmt: skip
    table = _table("title", columns, lang, left=2)
    for name, between in processes.items():
        if between is None:
            table.add_row(name, Text(say("silent", lang), "red"), *[""] * 9)
            continue
        now = between.after
        ready = now.total("waypost_ready") == 1
        calls = sum(between.grown(f"{one}_count") for one in _CALLS)
        faults = sum(between.grown(one, **labels) for one, labels in _FAULTS)
        served = next((one for one in _CALLS if between.grown(f"{one}_count")), _CALLS[0])
        used, size = now.total("waypost_pool_in_use"), now.total("waypost_pool_size")
        dead = now.total("waypost_dead_letters_total")
        table.add_row(
            name,
            Text(say("ready" if ready else "not_ready", lang), "green" if ready else "yellow"),
            _number(sum(between.rate(f"{one}_count") for one in _CALLS)),
            Text(f"{faults / calls:.1%}" if calls else "–", "red" if faults else ""),
            _span(between.quantile(0.5, served)),
            _span(between.quantile(0.99, served)),
            _span(between.quantile(0.99, "waypost_event_loop_lag_seconds")),
            f"{used:.0f}/{size:.0f}",
            _number(now.total("waypost_outbox_unpublished_rows")),
            _span(now.most("waypost_outbox_oldest_seconds")),
            Text(_number(dead), "red" if dead else ""),
        )
    return table


def _streams(known: Mapping[str, Between], lang: str) -> Table:
    columns = ("stream", "service", "records", "p50", "p99", "failed", "age", "pending")
    table = _table("streams", columns, lang, left=2)
    for name, between in known.items():
        for stream in between.after.values_of("waypost_consumer_pending_messages", "stream"):
            failed = between.rate("waypost_batch_seconds_count", stream=stream, outcome="failed")
            table.add_row(
                stream,
                name,
                _number(between.rate("waypost_records_handled_total", stream=stream)),
                _span(between.quantile(0.5, "waypost_batch_seconds", stream=stream)),
                _span(between.quantile(0.99, "waypost_batch_seconds", stream=stream)),
                Text(_number(failed), "red" if failed else ""),
                _span(between.quantile(0.99, "waypost_message_age_seconds", stream=stream)),
                _number(between.after.total("waypost_consumer_pending_messages", stream=stream)),
            )
    return table


def _limits(known: Mapping[str, Between], lang: str) -> Table:
    columns = ("account", "taken", "refused", "waiting", "in_hand", "unknown")
    table = _table("limits", columns, lang)
    queued = "waypost_dispatch_queued_messages"
    senders = [b for b in known.values() if queued in b.after.samples]
    accounts = {
        (labels["channel"], labels["account"]) for b in senders for labels, _ in b.after.samples[queued]
    }
    for channel, account in sorted(accounts):
        labels = {"channel": channel, "account": account}
        # Every replica counts the same queue.
        stages = [
            max(b.after.total(queued, stage=stage, **labels) for b in senders)
            for stage in ("send", "lease", "ask")
        ]
        table.add_row(
            f"{channel} / {account}",
            _number(sum(b.rate("waypost_limiter_slots_total", outcome="taken", **labels) for b in senders)),
            _number(sum(b.rate("waypost_limiter_refused_total", **labels) for b in senders)),
            *map(_number, stages),
        )
    return table


def _figures(known: Mapping[str, Between], lang: str) -> Table:
    table = _table("figures", (), lang)
    table.show_header = False
    table.add_column()
    table.add_column(justify="right")
    every = known.values()
    halves = [_worst(every, q, "waypost_accepted_to_sent_seconds") for q in (0.5, 0.99)]
    unsafe = {
        labels["stream"]
        for b in every
        for labels, value in b.after.samples.get("waypost_stream_unsafe", ())
        if value
    }
    stopped = {
        f"{name} {labels['loop']}"
        for name, b in known.items()
        for labels, value in b.after.samples.get("waypost_loop_last_pass_timestamp_seconds", ())
        if time.time() - value > SILENT_S
    }
    late = max((b.after.most("waypost_journey_timers_late_seconds") for b in every), default=0.0)
    rows: dict[str, RenderableType] = {
        "accepted": _number(sum(b.rate("waypost_ingest_accepted_total") for b in every)),
        "rejected": _number(sum(b.rate("waypost_ingest_rejected_total") for b in every)),
        "to_sent": " / ".join(map(_span, halves)),
        "timers_late": _span(late),
        "unsafe": Text(", ".join(sorted(unsafe)) or say("none", lang), "red" if unsafe else ""),
        "stopped": Text(", ".join(sorted(stopped)) or say("none", lang), "red" if stopped else ""),
    }
    for word, value in rows.items():
        table.add_row(say(word, lang), value)
    return table


def _worst(every: Iterable[Between], q: float, name: str) -> float | None:
    found = [b.quantile(q, name) for b in every]
    return max((one for one in found if one is not None), default=None)


def _table(title: str, columns: Sequence[str], lang: str, left: int = 1) -> Table:
    table = Table(title=say(title, lang), title_justify="left", box=None, padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        table.add_column(say(column, lang), justify="left" if place < left else "right", no_wrap=True)
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
