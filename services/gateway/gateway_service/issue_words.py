"""How to mend what ingestion could not take as it came, in English and Chinese; by reason."""

from gateway_service.words import prefers_chinese

_ADVICE: dict[str, tuple[str, str]] = {
    "rate_missing": (
        "State the currency's rate with PUT /v1/exchange-rates, for the day of the order or at most 10 days before it; "
        "the order is worked out again by itself.",
        "请通过 PUT /v1/exchange-rates 录入该币种在下单当日或之前 10 天内的汇率,订单会自动重新计算。",
    ),
    "order_total_invalid": (
        "Send total as a number in major units, or amount_minor as a whole number; the event itself is stored.",
        "请以数字形式在 total 中填写金额,或在 amount_minor 中填写最小货币单位的整数;事件本身已保存。",
    ),
    "order_id_missing": (
        "Name the order in order_id, under a new messageId.",
        "请在 order_id 中注明订单号,并使用新的 messageId 重新发送。",
    ),
    "personal_data_undeclared": (
        "Leave the property out, or name its key in allowed_keys of PUT /v1/ingestion/policy if it is not personal here.",
        "请不要发送该属性;如果它在此处不属于个人信息,请在 PUT /v1/ingestion/policy 的 allowed_keys 中声明。",
    ),
    "schema": (
        "The event does not fit its schema: mend the event and replay the issue, or change the schema.",
        "事件与其模式不符:请修正事件后重放该问题,或修改模式。",
    ),
    "identifier_missing": (
        "Mend the identifiers and replay the issue.",
        "请修正标识后重放该问题。",
    ),
    "person_erased": (
        "The person was erased and is not taken up again without POST /v1/privacy/readmissions.",
        "该用户已被删除,除非通过 POST /v1/privacy/readmissions 重新接纳,否则不会再次收录。",
    ),
}  # fmt: skip


def advice(reason: str, accept_language: str) -> str:
    """Empty where the reason says it all."""
    english, chinese = _ADVICE.get(reason, ("", ""))
    return chinese if prefers_chinese(accept_language) else english
