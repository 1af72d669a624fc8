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
    "phone_invalid": (
        "Send the number with its country code, such as +8613812345678; the rest of the call is stored.",
        "请发送带国家代码的号码,例如 +8613812345678;该调用的其余内容已保存。",
    ),
    "email_invalid": (
        "Send one address, such as name@example.com, without a display name; the rest of the call is stored.",
        "请只发送一个邮箱地址,例如 name@example.com,不要带显示名称;该调用的其余内容已保存。",
    ),
    "identifier_empty": (
        "Leave an identifier out when its value is not known; the call's other identifiers count.",
        "标识值未知时请不要发送该标识;该调用的其他标识仍然有效。",
    ),
    "identifier_too_long": (
        "Send the identifier itself and not a text around it: 512 characters at most.",
        "请只发送标识本身,不要附带其他文本:最多 512 个字符。",
    ),
    "identifier_nobody": (
        "Stop sending a value that stands for nobody, or allow it in allowed_values of PUT /v1/identity/settings if it is "
        "somebody's here.",
        "请不要发送不代表任何人的值;如果它在此处确实属于某人,请在 PUT /v1/identity/settings 的 allowed_values 中允许它。",
    ),
    "identifier_blocked": (
        "Take the value out of blocked_values in PUT /v1/identity/settings if it does identify somebody.",
        "如果该值确实能识别某人,请在 PUT /v1/identity/settings 的 blocked_values 中移除它。",
    ),
    "scope_missing": (
        "Send the identifier's scope with it: the app of an openid, the company of an external_userid.",
        "请同时发送该标识的 scope:openid 所属的应用,或 external_userid 所属的企业。",
    ),
    "identifier_invalid": (
        "Send userId and anonymousId as texts or whole numbers, external ids as objects with type and id.",
        "userId 和 anonymousId 请使用文本或整数,externalIds 请使用包含 type 和 id 的对象。",
    ),
    "event_type_unknown": (
        "Send type as track, identify, page, screen, group or alias.",
        "type 请使用 track、identify、page、screen、group 或 alias。",
    ),
    "event_name_missing": (
        "Name what happened in event.",
        "请在 event 中填写事件名称。",
    ),
    "event_name_invalid": (
        "Send event as a text that is not empty.",
        "event 请使用非空文本。",
    ),
    "event_name_too_long": (
        "Give the event a fixed, short name, and put what varies into properties.",
        "请使用固定且简短的事件名称,把变化的内容放入 properties。",
    ),
    "properties_not_object": (
        "Send properties as a JSON object.",
        "properties 请使用 JSON 对象。",
    ),
    "traits_not_object": (
        "Send traits as a JSON object.",
        "traits 请使用 JSON 对象。",
    ),
    "context_not_object": (
        "Send context as a JSON object.",
        "context 请使用 JSON 对象。",
    ),
    "org_unit_invalid": (
        "Send the id of one org unit as a text, as GET /v1/org-units shows it.",
        "请以文本形式发送一个组织单元的 id,可通过 GET /v1/org-units 查看。",
    ),
    "org_unit_foreign": (
        "Send to an org unit that the API key is confined to, or use a key that is not.",
        "请发送到该 API 密钥所限定的组织单元,或使用未限定的密钥。",
    ),
    "message_id_invalid": (
        "Send messageId as a short text that no other call has, or leave it out.",
        "messageId 请使用其他调用没有用过的简短文本,或不要发送。",
    ),
    "timestamp_invalid": (
        "Send the time in ISO 8601, such as 2026-11-23T09:30:00+08:00.",
        "时间请使用 ISO 8601 格式,例如 2026-11-23T09:30:00+08:00。",
    ),
    "timestamp_in_future": (
        "Set the sender's clock, or send sentAt with the batch, from which its error is worked out.",
        "请校准发送方的时钟,或随批次发送 sentAt,以便计算时钟误差。",
    ),
    "nul_character": (
        "Take the NUL character (\\u0000) out of the text.",
        "请去掉文本中的 NUL 字符(\\u0000)。",
    ),
    "lone_surrogate": (
        "Send the text as valid UTF-8: half of a character pair was cut off, as happens to shortened emoji.",
        "请发送有效的 UTF-8 文本:字符被截断了一半,截短表情符号时常会发生。",
    ),
    "value_invalid": (
        "Send a value of the kind that the detail names.",
        "请按 detail 所述的类型发送该值。",
    ),
    "event_too_large": (
        "Send less in one event: texts, lists and documents can stay where they are, with a link in the event.",
        "请减小单个事件的内容:长文本、列表和文档可保留在原处,在事件中只放链接。",
    ),
    "too_deep": (
        "Flatten the objects and lists.",
        "请减少对象和列表的嵌套层数。",
    ),
    "too_many_fields": (
        "Send fewer fields: a list of objects instead of a key for each thing.",
        "请减少字段数:使用对象列表,而不是为每一项使用一个键。",
    ),
    "event_not_object": (
        "Send each event as a JSON object.",
        "每个事件请使用 JSON 对象。",
    ),
}  # fmt: skip


def advice(reason: str, accept_language: str) -> str:
    """Empty where the reason says it all."""
    english, chinese = _ADVICE.get(reason, ("", ""))
    return chinese if prefers_chinese(accept_language) else english
