"""States that somebody must look at, whatever the promises say."""

from dataclasses import dataclass

SERVICES = ("gateway", "profile", "segment", "journey", "scoring", "dispatch")


@dataclass(frozen=True)
class Alert:
    name: str
    expr: str
    wait: str
    """How long it must hold; empty: not at all."""
    severity: str
    """page: now, whatever the hour; ticket: in working hours."""
    en: str
    zh: str


_GONE = tuple(
    Alert(
        f"{service.capitalize()}Gone",
        f'(sum(waypost_ready{{service="{service}"}}) or vector(0)) < 1',
        "1m",
        "page",
        f"no replica of {service} is ready",
        f"{service} 没有就绪的副本",
    )
    for service in SERVICES
)

ALERTS = (
    *_GONE,
    Alert(
        "OutboxStuck", "max by (service) (waypost_outbox_oldest_seconds) > 60", "2m", "page",
        "what {{ $labels.service }} decided has waited {{ $value | humanizeDuration }} to be published",
        "{{ $labels.service }} 有记录等待发布已达 {{ $value | humanizeDuration }}",
    ),
    Alert(
        "OutboxGrows", "max by (service) (waypost_outbox_unpublished_rows) > 1000", "5m", "ticket",
        "{{ $value }} batches of {{ $labels.service }} wait to be published",
        "{{ $labels.service }} 有 {{ $value }} 个批次等待发布",
    ),
    Alert(
        "ConsumerBehind",
        "sum by (service, stream) (max by (service, stream, partition) "
        '(waypost_consumer_pending_messages{lane="live"})) > 200',
        "10m", "ticket",
        "{{ $labels.service }} is {{ $value }} live messages behind on {{ $labels.stream }}",
        "{{ $labels.service }} 在 {{ $labels.stream }} 上积压 {{ $value }} 条实时消息",
    ),
    Alert(
        "DeadLetters", "sum by (service, stream, reason) (increase(waypost_dead_letters_total[15m])) > 0",
        "", "ticket",
        "{{ $labels.service }} set records of {{ $labels.stream }} aside: {{ $labels.reason }}",
        "{{ $labels.service }} 将 {{ $labels.stream }} 的记录移入死信: {{ $labels.reason }}",
    ),
    Alert(
        "TimersLate", "max by (service) (waypost_journey_timers_late_seconds) > 30", "2m", "page",
        "waits of journeys end {{ $value | humanizeDuration }} late",
        "旅程的等待晚了 {{ $value | humanizeDuration }} 才结束",
    ),
    Alert(
        "StreamUnsafe", "max by (stream) (waypost_stream_unsafe) > 0", "", "page",
        "{{ $labels.stream }} could lose what it accepts, and is neither read nor written; the log says what to set",
        "消息流 {{ $labels.stream }} 的设置可能丢失数据,已停止读写;日志中有处理办法",
    ),
    Alert(
        "LoopSilent", "time() - waypost_loop_last_pass_timestamp_seconds > 120", "1m", "page",
        "the loop {{ $labels.loop }} of {{ $labels.service }} has not moved for two minutes",
        "{{ $labels.service }} 的循环 {{ $labels.loop }} 已两分钟没有动作",
    ),
    Alert(
        "Restarting", f'changes(process_start_time_seconds{{service=~"{"|".join(SERVICES)}"}}[15m]) > 2',
        "", "ticket",
        "{{ $labels.service }} started again and again; a side task that dies ends its process",
        "{{ $labels.service }} 反复重启;旁路任务退出会结束进程",
    ),
    Alert(
        "BrokerAway", "min by (service) (waypost_broker_connected) < 1", "1m", "page",
        "{{ $labels.service }} cannot reach the broker",
        "{{ $labels.service }} 无法连接消息系统",
    ),
    Alert(
        "PublishFails", 'sum by (service) (rate(waypost_publish_seconds_count{outcome="failed"}[5m])) > 0.1',
        "5m", "ticket",
        "the broker does not acknowledge what {{ $labels.service }} publishes",
        "消息系统没有确认 {{ $labels.service }} 发布的内容",
    ),
    Alert(
        "IngestQueueFull", "waypost_ingest_queue_bytes / waypost_ingest_queue_limit_bytes > 0.8", "1m", "page",
        "more is accepted than the broker stores; soon calls are answered 429",
        "接收快于存储,即将开始返回 429",
    ),
    Alert(
        "PoolFull", "max by (service) (waypost_pool_in_use / waypost_pool_size) >= 1", "5m", "ticket",
        "every database connection of a replica of {{ $labels.service }} is taken",
        "{{ $labels.service }} 某副本的数据库连接已全部占用",
    ),
    Alert(
        "TransactionsRepeat", "sum by (service) (rate(waypost_transactions_repeated_total[10m])) > 5",
        "10m", "ticket",
        "transactions of {{ $labels.service }} stand in each other's way",
        "{{ $labels.service }} 的事务相互冲突",
    ),
    Alert(
        "EventLoopLate",
        "histogram_quantile(0.99, sum by (service, le) (rate(waypost_event_loop_lag_seconds_bucket[5m]))) > 0.5",
        "10m", "ticket",
        "{{ $labels.service }} has no processor time to spare",
        "{{ $labels.service }} 的处理器时间不足",
    ),
    Alert(
        "FateUnknown", 'max by (channel, account) (waypost_dispatch_queued_messages{stage="ask"}) > 100',
        "15m", "ticket",
        "of {{ $value }} messages nobody knows whether {{ $labels.account }} has them",
        "{{ $labels.account }} 是否收到 {{ $value }} 条消息尚不清楚",
    ),
    Alert(
        "BuildsWait", "max(waypost_segment_builds_waiting) > 20", "30m", "ticket",
        "{{ $value }} new segments wait for their members",
        "{{ $value }} 个新分群等待计算成员",
    ),
)  # fmt: skip
