"""The words that entries of the ledger are made of, and what an entry must say. A new word is one line here."""

from typing import NamedTuple

from consents import Scope

from profile_service.domain.consent import PROFILING

MOST_PROOF_BYTES = 4_096
MOST_CHARS = 128
"""Of a topic, an org unit, a text version and a source, each."""


class Term(NamedTuple):
    kind: str
    value: str
    en: str
    zh: str
    law: str = ""


TERMS = (
    Term("channel", "sms", "SMS", "短信"),
    Term("channel", "email", "E-mail", "电子邮件"),
    Term("channel", "wechat", "WeChat", "微信"),
    Term("channel", "wecom", "WeCom", "企业微信"),
    Term("channel", "push", "Push notification", "推送通知"),
    Term("purpose", "marketing", "Marketing", "营销"),
    Term("purpose", "transactional", "Transactions and service", "交易与服务"),
    Term("purpose", "profiling", "Profiling and automated decisions", "用户画像与自动化决策"),
    Term("legal_basis", "consent", "Consent", "个人同意", "GDPR 6(1)(a), PIPL 13(1)"),
    Term("legal_basis", "contract", "Performance of a contract", "订立、履行合同所必需", "GDPR 6(1)(b), PIPL 13(2)"),
    Term("legal_basis", "legal_obligation", "Legal obligation", "履行法定职责或者法定义务", "GDPR 6(1)(c), PIPL 13(3)"),
    Term("legal_basis", "vital_interests", "Vital interests, emergencies", "紧急情况下保护生命健康和财产安全", "GDPR 6(1)(d), PIPL 13(4)"),
    Term("legal_basis", "public_interest", "Public interest", "公共利益", "GDPR 6(1)(e), PIPL 13(5)"),
    Term("legal_basis", "disclosed", "Lawfully disclosed by the person", "个人自行公开或已合法公开的信息", "PIPL 13(6)"),
    Term("legal_basis", "legitimate_interest", "Legitimate interest", "正当利益", "GDPR 6(1)(f)"),
)  # fmt: skip


class Wrong(NamedTuple):
    """What cannot be recorded: the field, and what would be right."""

    field: str
    detail: str


def problem(scope: Scope, withdrawn: bool, legal_basis: str) -> Wrong | None:
    """What is wrong with an entry; None when it is sound. A grant says what it is for; a withdrawal may be of all."""
    for field, kind, value in (
        ("channel", "channel", scope.channel),
        ("purpose", "purpose", scope.purpose),
        ("legal_basis", "legal_basis", legal_basis),
    ):
        known = [term.value for term in TERMS if term.kind == kind]
        if value and value not in known:
            return Wrong(field, f"{field} is one of {', '.join(known)}")
    if withdrawn:
        return None
    if not scope.purpose:
        return Wrong("purpose", "a grant names its purpose; only a withdrawal may be of all")
    if not scope.channel and scope.purpose != PROFILING:
        return Wrong("channel", "a grant names its channel; only a withdrawal may be of all")
    if not legal_basis:
        return Wrong("legal_basis", "a grant names its legal basis, for example consent")
    return None
