"""The dashboards: which figures stand together, and how they are asked for."""

from dataclasses import dataclass

R = "$__rate_interval"


@dataclass(frozen=True)
class Panel:
    en: str
    zh: str
    unit: str
    """As Grafana names it."""
    asked: tuple[tuple[str, str], ...]
    """(expression, legend)."""


@dataclass(frozen=True)
class Dashboard:
    uid: str
    en: str
    zh: str
    panels: tuple[Panel, ...]


def _slow(histogram: str, by: str, every: str = "") -> tuple[tuple[str, str], ...]:
    legend = " ".join(f"{{{{{label.strip()}}}}}" for label in by.split(","))
    return tuple(
        (
            f"histogram_quantile({q}, sum by ({by}, le) (rate({histogram}_bucket{{{every}}}[{R}])))",
            f"{legend} {name}",
        )
        for q, name in ((0.5, "p50"), (0.99, "p99"))
    )


def _rate(counter: str, by: str, every: str = "") -> tuple[tuple[str, str], ...]:
    legend = " ".join(f"{{{{{label.strip()}}}}}" for label in by.split(","))
    return ((f"sum by ({by}) (rate({counter}{{{every}}}[{R}]))", legend),)


_ONE = 'service=~"$service"'
DASHBOARDS = (
    Dashboard("waypost-overview", "Waypost: overview", "Waypost:总览", (
        Panel("Events accepted", "接收事件", "ops", _rate("waypost_ingest_accepted_total", "lane")),
        Panel("Events rejected", "拒绝事件", "ops", _rate("waypost_ingest_rejected_total", "reason")),
        Panel("Calls answered", "接口请求", "reqps", _rate("waypost_http_seconds_count", "status")),
        Panel("Calls: how long", "接口耗时", "s", _slow("waypost_http_seconds", "service")),
        Panel("Accepted to sent", "接收到发出", "s", _slow("waypost_accepted_to_sent_seconds", "service")),
        Panel("Messages by outcome", "消息结果", "ops", _rate("waypost_dispatch_messages_settled_total", "channel, state")),
        Panel("Live messages pending", "实时积压", "short", (
            (
                "sum by (service, stream) (max by (service, stream, partition) "
                '(waypost_consumer_pending_messages{lane="live"}))',
                "{{service}} {{stream}}",
            ),
        )),
        Panel("Oldest row to publish", "最久待发布", "s", (
            ("max by (service) (waypost_outbox_oldest_seconds)", "{{service}}"),
        )),
        Panel("Timers late", "定时器延迟", "s", (("max(waypost_journey_timers_late_seconds)", "journey"),)),
        Panel("Dead letters", "死信", "short", (
            ("sum by (service, stream, reason) (increase(waypost_dead_letters_total[1h]))", "{{service}} {{reason}}"),
        )),
        Panel("Replicas ready", "就绪副本", "short", (("sum by (service) (waypost_ready)", "{{service}}"),)),
        Panel("Broker reached", "消息系统连接", "short", (
            ("min by (service) (waypost_broker_connected)", "{{service}}"),
            ("max by (stream) (waypost_stream_unsafe)", "{{stream}} unsafe"),
        )),
    )),
    Dashboard("waypost-service", "Waypost: a service", "Waypost:单个服务", (
        Panel("Calls served", "处理请求", "reqps", _rate("waypost_rpc_server_seconds_count", "method, code", _ONE)),
        Panel("Calls served: how long", "处理耗时", "s", _slow("waypost_rpc_server_seconds", "method", _ONE)),
        Panel("Calls made", "发起请求", "reqps", _rate("waypost_rpc_client_seconds_count", "method, code", _ONE)),
        Panel("Calls made: how long", "发起耗时", "s", _slow("waypost_rpc_client_seconds", "method", _ONE)),
        Panel("Records handled", "处理记录", "ops", _rate("waypost_records_handled_total", "stream, lane", _ONE)),
        Panel("Batches", "批次", "ops", _rate("waypost_batch_seconds_count", "stream, outcome", _ONE)),
        Panel("Batches: how long", "批次耗时", "s", _slow("waypost_batch_seconds", "stream", _ONE)),
        Panel("Batches: how old", "批次滞后", "s", _slow("waypost_message_age_seconds", "stream, lane", _ONE)),
        Panel("Publishing: how long", "发布耗时", "s", _slow("waypost_publish_seconds", "stream", _ONE)),
        Panel("Database connections", "数据库连接", "short", (
            (f"sum by (service) (waypost_pool_in_use{{{_ONE}}})", "{{service}} in use"),
            (f"sum by (service) (waypost_pool_size{{{_ONE}}})", "{{service}} at most"),
        )),
        Panel("Transactions run again", "事务重试", "ops", _rate("waypost_transactions_repeated_total", "service", _ONE)),
        Panel("Event loop lag", "事件循环延迟", "s", _slow("waypost_event_loop_lag_seconds", "service", _ONE)),
        Panel("Processor", "处理器", "percentunit", _rate("process_cpu_seconds_total", "service", _ONE)),
        Panel("Memory", "内存", "bytes", ((f"sum by (service) (process_resident_memory_bytes{{{_ONE}}})", "{{service}}"),)),
        Panel("Since a loop's last pass", "循环上次动作", "s", (
            (f"time() - max by (service, loop) (waypost_loop_last_pass_timestamp_seconds{{{_ONE}}})", "{{service}} {{loop}}"),
        )),
        Panel("Outbox", "待发布", "short", (
            (f"max by (service) (waypost_outbox_unpublished_rows{{{_ONE}}})", "{{service}}"),
        )),
    )),
    Dashboard("waypost-flow", "Waypost: people, journeys, sending", "Waypost:人群、旅程与发送", (
        Panel("Events stored", "存储事件", "ops", _rate("waypost_profile_events_total", "service")),
        Panel("People merged", "合并人数", "ops", _rate("waypost_profile_merges_total", "service")),
        Panel("Held back, mended, set aside", "扣留、修正与死信", "ops", _rate("waypost_profile_issues_total", "kind")),
        Panel("Segments entered and left", "进出分群", "ops", _rate("waypost_segment_changes_total", "change")),
        Panel("Segments being built", "分群构建", "short", (("max(waypost_segment_builds_waiting)", "segment"),)),
        Panel("Runs begun", "进入旅程", "ops", _rate("waypost_journey_runs_entered_total", "service")),
        Panel("Runs refused", "未进入旅程", "ops", _rate("waypost_journey_entries_refused_total", "reason")),
        Panel("Timers fired", "触发定时器", "ops", _rate("waypost_journey_timers_fired_total", "service")),
        Panel("Slots used", "限流配额", "ops", _rate("waypost_limiter_slots_total", "channel, account, outcome")),
        Panel("Claims without a slot", "受限次数", "ops", _rate("waypost_limiter_refused_total", "channel, account")),
        Panel("Messages queued", "排队消息", "short", (
            ("max by (channel, account, stage) (waypost_dispatch_queued_messages)", "{{channel}} {{account}} {{stage}}"),
        )),
        Panel("Provider calls", "服务商调用", "reqps", _rate("waypost_provider_call_seconds_count", "account, outcome")),
        Panel("Provider calls: how long", "服务商耗时", "s", _slow("waypost_provider_call_seconds", "account")),
        Panel("Waiting for the broker", "等待消息系统", "bytes", (
            ("sum(waypost_ingest_queue_bytes)", "waiting"),
            ("sum(waypost_ingest_queue_limit_bytes)", "at most"),
        )),
    )),
)  # fmt: skip
