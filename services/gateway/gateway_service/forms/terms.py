"""What kinds of fields and states of forms are called, in English and Chinese."""

from typing import NamedTuple


class Term(NamedTuple):
    kind: str
    value: str
    en: str
    zh: str


TERMS = (
    Term("field", "text", "Short text", "单行文本"),
    Term("field", "long_text", "Long text", "多行文本"),
    Term("field", "phone", "Phone number", "手机号"),
    Term("field", "email", "E-mail address", "邮箱"),
    Term("field", "number", "Number", "数字"),
    Term("field", "date", "Date", "日期"),
    Term("field", "choice", "One of several", "单选"),
    Term("field", "choices", "Several of several", "多选"),
    Term("field", "checkbox", "Box to tick", "勾选框"),
    Term("field", "hidden", "Hidden, from the address", "隐藏字段,取自网址参数"),
    Term("state", "draft", "Draft", "草稿"),
    Term("state", "open", "Open", "收集中"),
    Term("state", "closed", "Closed", "已关闭"),
    Term("qr_code", "link", "Link", "链接二维码"),
    Term("qr_code", "wechat_oa", "WeChat official account", "公众号参数二维码"),
    Term("qr_code", "wecom_contact_way", "WeCom contact way", "企业微信渠道活码"),
)
