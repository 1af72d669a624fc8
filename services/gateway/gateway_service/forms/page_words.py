"""Words that a form's page says of its own, in English and Chinese."""

from collections.abc import Mapping
from typing import NamedTuple

from gateway_service.forms.answers import Fault
from gateway_service.forms.definition import Language
from gateway_service.words import prefers_chinese


class Said(NamedTuple):
    en: str
    zh: str


FAULTS: Mapping[str, Said] = {
    "required": Said("Please fill this in.", "请填写此项。"),
    "consent_required": Said("Please tick this to go on.", "请勾选后继续。"),
    "too_long": Said("At most {bound} characters, please.", "最多 {bound} 个字符。"),
    "too_short": Said("At least {bound} characters, please.", "至少 {bound} 个字符。"),
    "not_phone": Said(
        "This is not a phone number. Numbers of other countries begin with + and the country's code.",
        "请输入有效的手机号,境外号码请以 + 和国家代码开头。",
    ),
    "not_email": Said("This is not an e-mail address.", "请输入有效的邮箱地址。"),
    "not_number": Said("This is not a number.", "请输入数字。"),
    "too_small": Said("At least {bound}, please.", "不能小于 {bound}。"),
    "too_large": Said("At most {bound}, please.", "不能大于 {bound}。"),
    "not_date": Said("This is not a date. For example: 2026-01-31.", "请输入有效的日期,例如 2026-01-31。"),
    "too_early": Said("Not before {bound}, please.", "不能早于 {bound}。"),
    "too_late": Said("Not after {bound}, please.", "不能晚于 {bound}。"),
    "not_an_option": Said("Please choose one of the options.", "请从选项中选择。"),
    "too_few": Said("Please choose at least {bound}.", "请至少选择 {bound} 项。"),
    "too_many": Said("Please choose at most {bound}.", "最多选择 {bound} 项。"),
}
WORDS: Mapping[str, Said] = {
    "submit": Said("Send", "提交"),
    "required": Said("required", "必填"),
    "choose": Said("Please choose", "请选择"),
    "policy": Said("Privacy policy", "隐私政策"),
    "thanks": Said("Thank you. Your answers have arrived.", "感谢您的填写,信息已提交。"),
    "check": Said("Please check the fields below.", "请检查以下内容。"),
    "changed": Said(
        "This form has changed since you opened it. Please look through it and send it again.",
        "此表单在您填写期间已更新,请核对后重新提交。",
    ),
    "later": Said(
        "Your answers could not be stored just now. Nothing is lost: please send them again in a moment.",
        "暂时无法提交,您填写的内容仍在页面上,请稍后重试。",
    ),
    "too_often": Said(
        "Too much is sent from where you are. Please try again in a moment.", "提交过于频繁,请稍后重试。"
    ),
    "too_much": Said("The answers are too long. Please shorten them.", "填写内容过长,请适当精简。"),
    "already": Said("You have answered this form already.", "您已填写过此表单。"),
    "closed": Said("This form is closed.", "此表单已关闭。"),
    "not_yet": Said("This form is not open yet.", "此表单尚未开放。"),
    "full": Said("This form takes no more answers.", "此表单的名额已满。"),
    "leave_empty": Said("Leave this empty", "请勿填写"),
}
HTML_LANG: Mapping[Language, str] = {"en": "en", "zh": "zh-CN"}


def word(key: str, language: Language) -> str:
    text: str = getattr(WORDS[key], language)
    return text


def fault(found: Fault, language: Language) -> str:
    text: str = getattr(FAULTS[found.reason], language)
    return text.format(bound=found.bound)


def language_of(languages: list[Language], asked: str, accept_language: str) -> Language:
    """The one asked for by name, else that which the browser prefers, of those that the form has."""
    preferred: Language = "zh" if prefers_chinese(accept_language) else "en"
    for language in (asked, preferred):
        if language in languages:
            return language
    return languages[0]
