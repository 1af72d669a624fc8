"""What is wrong with a row of a file, in words."""

from typing import NamedTuple

import msgspec

from gateway_service.masking import HIDDEN, PERSONAL_KEYS, masked

_SHOWN_CHARS = 60
_LOOKED_AT = 320
"""Characters in which personal data is looked for; no more than SHOWN_CHARS are shown."""


class Fault(NamedTuple):
    """`column` is empty when the row as a whole is at fault; `value` is what may be shown of it."""

    row: int
    column: str
    value: str
    reason: str


class Broken(msgspec.Struct, frozen=True):
    """In place of a row that cannot be read."""

    reason: str
    text: str = ""


WORDS: dict[str, tuple[str, str]] = {
    "quote_unclosed": ("a quote is opened and not closed", "引号没有闭合"),
    "row_too_long": ("the row has more than 131,072 characters", "该行超过 131,072 个字符"),
    "too_many_cells": ("the row has more cells than there are columns", "该行的单元格多于列数"),
    "json_invalid": ("the line is not a JSON object", "该行不是 JSON 对象"),
    "characters_damaged": ("characters that the file's encoding does not have", "包含文件编码中不存在的字符"),
    "spreadsheet_number": (
        "a spreadsheet has shortened the number; format the column as text and export again",
        "数字被表格软件改写,请将该列设为文本后重新导出",
    ),
    "not_a_number": ("not a number", "不是数字"),
    "not_a_boolean": ("neither yes nor no", "不是“是”或“否”"),
    "not_a_date": ("not a date, or not in the order that the mapping says", "不是日期,或与映射中的顺序不符"),
    "not_a_time": ("not a time", "不是时间"),
    "not_a_text": ("a list or an object where a text belongs", "此处应为文本"),
    "identifier_missing": ("no identifier is left", "没有可用的标识"),
    "identifier_empty": ("empty", "为空"),
    "identifier_too_long": ("the identifier is too long", "标识过长"),
    "identifier_invalid": ("cannot be an identifier", "不能作为标识"),
    "identifier_nobody": ("a value that stands for nobody", "该值不代表任何人"),
    "scope_missing": ("the identifier needs a scope in the mapping", "映射中缺少该标识的作用域"),
    "phone_invalid": ("not a phone number", "不是有效的电话号码"),
    "email_invalid": ("not an e-mail address", "不是有效的邮箱地址"),
    "event_name_missing": ("the event has no name", "缺少事件名称"),
    "event_name_too_long": ("the event's name is too long", "事件名称过长"),
    "timestamp_in_future": ("the time lies more than 24 hours ahead", "时间晚于当前 24 小时以上"),
    "timestamp_invalid": ("not a time", "不是时间"),
    "event_too_large": ("the row becomes an event of more than 32 KB", "该行生成的事件超过 32 KB"),
    "too_many_fields": ("too many fields", "字段过多"),
    "nul_character": ("holds the character U+0000", "包含字符 U+0000"),
}  # fmt: skip


def said(reason: str, chinese: bool) -> str:
    """The reason in words; the reason itself when it is one of a later release."""
    return WORDS[reason][chinese] if reason in WORDS else reason


def shown(value: object, personal: bool) -> str:
    """What may be shown of a value that is at fault: of a personal one its ends, so that it can be found."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if personal or masked(text[:_LOOKED_AT]) == HIDDEN:
        return f"{text[:3]}***{text[-2:]}" if len(text) > 8 else f"{text[:1]}***" if text else ""
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


def is_personal(name: str) -> bool:
    """Whether a column or trait of that name holds personal data."""
    return name.lower() in PERSONAL_KEYS
