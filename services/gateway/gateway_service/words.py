"""Titles of problems, in English and Chinese."""

_TITLES: dict[str, tuple[str, str]] = {
    "FIELD_INVALID": ("A field is missing or malformed", "字段缺失或格式错误"),
    "NOT_FOUND": ("Nothing of that kind has that id", "没有找到该对象"),
    "METHOD_NOT_ALLOWED": ("The method is not allowed here", "此地址不支持该方法"),
    "UNAUTHENTICATED": ("The credential is missing or not valid", "凭证缺失或无效"),
    "SIGNATURE_INVALID": ("The signature does not verify", "签名验证失败"),
    "SCOPE_MISSING": ("The key may not do that", "该密钥没有相应权限"),
    "ORG_UNIT_CONFINED": ("More than your org units", "超出您的组织范围"),
    "NOT_A_MEMBER": ("No workspace has you as a member", "您不是任何工作区的成员"),
    "WORKSPACE_AMBIGUOUS": ("You belong to several workspaces", "您属于多个工作区,请指定其一"),
    "PROVIDER_UNAVAILABLE": ("The identity provider cannot be reached", "身份提供方暂时不可用"),
    "NAME_TAKEN": ("The name is in use", "名称已被使用"),
    "EMAIL_TAKEN": ("A member with that address exists", "该邮箱已是成员"),
    "SCOPE_UNKNOWN": ("A scope is not known", "未知的权限范围"),
    "ROLE_UNKNOWN": ("The role is not known", "未知的角色"),
    "RIGHTS_EXCEEDED": ("More than your own rights", "超出您自身的权限"),
    "KEY_NOT_WORKING": ("The key has expired or was revoked", "密钥已过期或已吊销"),
    "KEYS_IN_ROTATION": ("Two keys of that name work already", "同名密钥已有两个在使用"),
    "LAST_KEY": ("The last key that can make others", "最后一个可管理密钥的密钥"),
    "LAST_OWNER": ("The last who can give out rights", "最后一个可授予权限的所有者"),
    "CALLER_FORBIDDEN": ("Not this service's business", "该服务无权调用"),
    "REQUEST_ID_REUSED": ("The idempotency key was used with another body", "幂等键已用于不同的请求内容"),
    "DATABASE_UNAVAILABLE": ("The database cannot be reached; try again", "数据库暂时不可用,请稍后重试"),
    "STREAM_UNSAFE": (
        "The broker's stream could lose events; none are taken",
        "消息流的设置可能丢失事件,已暂停接收",
    ),
    "BROKER_UNAVAILABLE": ("The broker cannot be reached; try again", "消息系统暂时不可用,请稍后重试"),
    "SERVICE_UNAVAILABLE": ("A service cannot be reached; try again", "服务暂时不可用,请稍后重试"),
    "SERVICE_NOT_CONFIGURED": ("A service is not part of this installation", "此安装未配置该服务"),
    "DEADLINE_EXCEEDED": ("A service took too long; try again", "服务响应超时,请稍后重试"),
    "QUEUE_FULL": ("Too much is waiting; try again in a moment", "等待处理的数据过多,请稍后重试"),
    "RATE_LIMITED": ("Too many requests with this key or from this address", "此密钥或地址的请求过于频繁"),
    "INTERNAL": ("A fault of ours", "系统内部错误"),
    "CONSENT_UNCONFIRMED": (
        "Recorded, but not yet certain that nothing is sent; try again",
        "已记录,但尚未确认停止发送,请稍后重试",
    ),
    "RULE_INVALID": ("The rule was not understood", "规则无法识别"),
    "DEFINITION_INVALID": ("The journey definition was not understood", "旅程定义无法识别"),
    "STATE_CONFLICT": ("The object is not in a state that allows this", "对象当前状态不允许此操作"),
    "PAGE_TOKEN_INVALID": ("The page token does not belong to this list", "分页标记不属于此列表"),
    "DATA_KEY_UNKNOWN": ("A data key is not known yet; try again", "数据密钥尚未就绪,请稍后重试"),
    "ETAG_MISMATCH": ("Changed meanwhile", "对象已被修改"),
    "CURSOR_EXPIRED": ("What stood behind the cursor is no longer kept", "游标之后的变更已不再保留"),
    "SEVERAL_FIT": ("More than one fits", "有多个符合"),
    "PERSONAL_DATA_IN_URL": ("Personal data does not belong in an address", "个人信息不能出现在网址中"),
    "FILE_UNREADABLE": ("The file cannot be read", "文件无法读取"),
    "MAPPING_INVALID": ("The mapping does not fit the file", "字段映射与文件不符"),
    "BODY_TOO_LARGE": ("The body is too large", "请求体过大"),
    "EVENT_TOO_LARGE": ("The event is too large", "事件过大"),
    "GZIP_INVALID": ("The body is not gzip", "请求体不是有效的 gzip"),
    "ENCODING_UNKNOWN": ("The content encoding is not known", "不支持的内容编码"),
    "JSON_INVALID": ("The body is not JSON", "请求体不是有效的 JSON"),
    "BODY_NOT_OBJECT": ("The body is not a JSON object", "请求体不是 JSON 对象"),
    "BATCH_NOT_ARRAY": ("The batch is not an array", "batch 不是数组"),
    "LANE_UNKNOWN": ("The lane is not known", "未知的通道"),
    "SENT_AT_INVALID": ("sentAt is not a time", "sentAt 不是有效时间"),
    "CONTEXT_NOT_OBJECT": ("The context is not a JSON object", "context 不是 JSON 对象"),
}
_BY_STATUS: dict[int, tuple[str, str]] = {
    400: ("The request was not understood", "请求无法识别"),
    403: ("Not allowed", "没有权限"),
    404: ("Not found", "没有找到"),
    409: ("A conflict with the present state", "与当前状态冲突"),
    429: ("Too many requests", "请求过多"),
    503: ("Not available at the moment; try again", "暂时不可用,请稍后重试"),
}


def title(reason: str, status: int, accept_language: str) -> str:
    english, chinese = _TITLES.get(reason.upper()) or _BY_STATUS.get(status) or ("Error", "错误")
    return chinese if prefers_chinese(accept_language) else english


def prefers_chinese(accept_language: str) -> bool:
    """Whether Chinese is the language of highest weight among those we speak; English if nothing is said."""
    best, best_weight = "en", 0.0
    for part in accept_language.lower().split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.partition("-")[0]
        if language not in ("zh", "en"):
            continue
        try:
            weight = float(parameters.replace(" ", "").removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        if weight > best_weight:
            best, best_weight = language, weight
    return best == "zh"
