"""What the page says, in English and Chinese."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Waypost, live", "Waypost 运行状况"),
    "keys": ("Ctrl-C ends", "按 Ctrl-C 结束"),
    "service": ("service", "服务"),
    "state": ("state", "状态"),
    "ready": ("ready", "就绪"),
    "not_ready": ("not ready", "未就绪"),
    "silent": ("no answer", "无响应"),
    "calls": ("calls/s", "请求/秒"),
    "errors": ("errors", "错误率"),
    "p50": ("p50", "p50"),
    "p99": ("p99", "p99"),
    "loop_lag": ("loop lag p99", "事件循环延迟 p99"),
    "pool": ("pool", "连接池"),
    "outbox": ("outbox", "待发布"),
    "oldest": ("oldest", "最久等待"),
    "dead": ("dead letters", "死信"),
    "streams": ("Streams", "消息流"),
    "stream": ("stream", "消息流"),
    "records": ("records/s", "记录/秒"),
    "failed": ("failed/s", "失败/秒"),
    "age": ("age p99", "滞后 p99"),
    "pending": ("pending", "积压"),
    "limits": ("Limits", "发送限流"),
    "account": ("channel / account", "渠道 / 账号"),
    "taken": ("taken/s", "已用/秒"),
    "refused": ("refused/s", "受限/秒"),
    "waiting": ("waiting", "排队"),
    "in_hand": ("in hand", "发送中"),
    "unknown": ("unknown", "待确认"),
    "figures": ("Figures", "关键指标"),
    "accepted": ("events accepted/s", "接收事件/秒"),
    "rejected": ("events rejected/s", "拒绝事件/秒"),
    "to_sent": ("accepted to sent p50 / p99", "接收到发出 p50 / p99"),
    "timers_late": ("timers late", "定时器延迟"),
    "unsafe": ("streams unsafe", "不安全的消息流"),
    "stopped": ("loops silent for a minute", "停顿超过一分钟的循环"),
    "none": ("none", "无"),
}


def say(word: str, lang: str) -> str:
    english, chinese = WORDS[word]
    return chinese if lang == "zh" else english


def language(asked: str | None, environment: dict[str, str]) -> str:
    """`asked`, else what the terminal's locale says, else English."""
    if asked:
        return asked
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"
