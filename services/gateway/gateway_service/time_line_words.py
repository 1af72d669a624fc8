"""What an item of a time line is called, in English and Chinese."""

from typing import NamedTuple

from gateway_service.time_line import Item


class Title(NamedTuple):
    en: str
    zh: str


_ORDER = {
    "completed": ("completed", "已完成"),
    "partly_refunded": ("partly refunded", "部分退款"),
    "refunded": ("refunded", "已退款"),
    "cancelled": ("cancelled", "已取消"),
}
_MESSAGE = {
    "queued": ("waiting to be sent", "等待发送"),
    "accepted": ("sent", "已发送"),
    "delivered": ("delivered", "已送达"),
    "failed": ("failed", "发送失败"),
    "bounced": ("bounced", "被退回"),
    "complained": ("complained about", "被投诉"),
    "unknown": ("perhaps sent", "发送结果未知"),
    "refused": ("not sent", "未发送"),
}
_CHANNEL = {"sms": ("SMS", "短信"), "email": ("E-mail", "邮件")}


def title_of(item: Item) -> Title:
    """A word that is newer than this release stands for itself."""
    details = item.details
    match item.kind:
        case "order":
            en, zh = _word(_ORDER, str(details["state"]))
            return Title(f"Order {item.name} {en}", f"订单 {item.name} {zh}")
        case "message":
            (channel_en, channel_zh), (en, zh) = (
                _word(_CHANNEL, str(details["channel"])),
                _word(_MESSAGE, str(details["state"])),
            )
            return Title(f"{channel_en} {en}", f"{channel_zh}{zh}")
        case "journey_step":
            return _step(item)
    return Title(item.name, item.name)


def _step(item: Item) -> Title:
    node, outcome = item.details["node_id"], str(item.details["outcome"])
    if not node:
        return Title(f"Entered {item.name}", f"进入旅程 {item.name}")
    if outcome.startswith("exit:"):
        reason = outcome.removeprefix("exit:")
        return Title(f"Left {item.name} at {node}: {reason}", f"在 {node} 离开旅程 {item.name}:{reason}")
    return Title(f"{item.name}: {node}, {outcome}", f"{item.name}:{node},{outcome}")


def _word(words: dict[str, tuple[str, str]], key: str) -> tuple[str, str]:
    return words.get(key, (key, key))
