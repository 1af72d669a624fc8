"""What we promise, in one table; the burn-rate alerts are made from it (generate.py)."""

from dataclasses import dataclass

INGEST = "/v1/(batch|identify|track|page|screen|group|alias|[tipsgab])|/beacon/v1/batch"


@dataclass(frozen=True)
class Slo:
    """Of 30 days. `bad` and `total` are rates, `$w` their window; both by the labels in `by`."""

    name: str
    objective: float
    by: tuple[str, ...]
    bad: str
    total: str
    least: int
    """Events in the longer window below which nothing is alerted: a single fault of three calls is not a fire."""
    en: str
    zh: str


def _share(metric: str, by: str, every: str, bad: str) -> dict[str, str]:
    """Those of the histogram's or counter's events that match `bad` besides `every`."""
    both = ",".join(filter(None, (every, bad)))
    return {
        "bad": f"sum by ({by}) (rate({metric}{{{both}}}[$w]))",
        "total": f"sum by ({by}) (rate({metric}{{{every}}}[$w]))",
    }


def _slower(histogram: str, by: str, every: str, seconds: str) -> dict[str, str]:
    total = f"sum by ({by}) (rate({histogram}_count{{{every}}}[$w]))"
    within = ",".join(filter(None, (every, f'le="{seconds}"')))
    return {"bad": f"({total} - sum by ({by}) (rate({histogram}_bucket{{{within}}}[$w])))", "total": total}


SLOS = (
    Slo(
        "IngestAvailability", 0.999, ("service",), least=500,
        **_share("waypost_http_seconds_count", "service", f'route=~"{INGEST}"', 'status="5xx"'),
        en="events are refused by a fault of ours", zh="因我方故障拒收事件",
    ),
    Slo(
        "ApiAvailability", 0.999, ("service",), least=500,
        **_share("waypost_http_seconds_count", "service", f'route!~"{INGEST}"', 'status="5xx"'),
        en="calls of the interface fail", zh="接口调用失败",
    ),
    Slo(
        "RpcAvailability", 0.999, ("service",), least=500,
        **_share("waypost_rpc_server_seconds_count", "service", "", 'code=~"INTERNAL|UNAVAILABLE|UNKNOWN"'),
        en="calls between services fail", zh="服务间调用失败",
    ),
    Slo(
        "BatchSuccess", 0.99, ("service", "stream"), least=500,
        **_share("waypost_batch_seconds_count", "service, stream", "", 'outcome="failed"'),
        en="batches fail and come again", zh="批次处理失败并重试",
    ),
    Slo(
        "Freshness", 0.99, ("service", "stream"), least=500,
        **_slower("waypost_message_age_seconds", "service, stream", 'lane="live"', "60.0"),
        en="live batches wait longer than a minute", zh="实时批次等待超过一分钟",
    ),
    Slo(
        "AcceptedToSent", 0.99, ("service",), least=200,
        **_slower("waypost_accepted_to_sent_seconds", "service", "", "5.0"),
        en="messages leave later than 5 s after what caused them", zh="消息在触发 5 秒后才发出",
    ),
    Slo(
        "ProviderAnswers", 0.99, ("channel", "account"), least=200,
        **_share("waypost_provider_call_seconds_count", "channel, account", "", 'outcome="no_answer"'),
        en="a provider leaves calls unanswered", zh="服务商未应答调用",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Burn:
    """Spending the budget `factor` times too fast, over both windows."""

    factor: float
    long: str
    short: str
    severity: str
    seconds: int
    """Of the longer window."""


BURNS = (
    Burn(14.4, "1h", "5m", "page", 3_600),
    Burn(6, "6h", "30m", "page", 21_600),
    Burn(1, "3d", "6h", "ticket", 259_200),
)
"""Of the SRE workbook, for 30 days: 2 %, 5 % and 10 % of the budget are gone when they ring."""
